import { spawn, type ChildProcess } from "node:child_process";
import { CodedError } from "../../schemas/errors.ts";

/**
 * Reads `+PID` and `-PID` from the pipe that only the host holds. Its end means that the host is gone, however it went: then
 * every group that is still named gets a polite signal, and a second later the hard one together with the members of its
 * session and all that they started, found by parent in `/proc` (elsewhere by `ps`), and with everything that carries the mark
 * of the host (`$0`) in its environment, until none is left.
 */
const SCRIPT = String.raw`
trap '' HUP INT TERM
groups=' '
while read -r line; do
  pid=${"$"}{line#?}
  case $line in
    +*) groups="$groups$pid " ;;
    -*) kept=' '
      for each in $groups; do [ "$each" = "$pid" ] || kept="$kept$each "; done
      groups=$kept ;;
  esac
done

marked() {
  grep -la -- "$0" /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\n'
}
rows() {
  if [ -r /proc/self/stat ]; then
    for file in /proc/[0-9]*/stat; do
      { read -r line <"$file"; } 2>/dev/null || continue
      set -- ${"$"}{line##*) }
      case $1 in Z|X) continue ;; esac
      file=${"$"}{file#/proc/}
      echo "${"$"}{file%/stat} $2 $3 $4"
    done
  else
    ps -A -o pid=,ppid=,pgid=,pgid=
  fi
}

extend() {
  table=$(rows)
  for pid in $(marked); do
    case "$victims" in *" $pid "*) ;; *) victims="$victims$pid " ;; esac
  done
  grown=1
  while [ "$grown" = 1 ]; do
    grown=0
    while read -r pid parent group session; do
      case "$victims" in *" $pid "*) continue ;; esac
      case "$victims" in
        *" $parent "* | *" $group "* | *" $session "*) victims="$victims$pid "; grown=1 ;;
      esac
    done <<TABLE
$table
TABLE
  done
}

victims=$groups
extend
[ "$victims" = ' ' ] && exit 0
for each in $groups; do kill -TERM -- "-$each"; done 2>/dev/null
sleep 1
for round in 1 2 3; do
  extend
  for each in $groups; do kill -KILL -- "-$each"; done 2>/dev/null
  for each in $victims; do kill -KILL "$each"; done 2>/dev/null
done
exit 0
`;

/** How often a shell that somebody ended is started again; after that the next program starts it, or is refused. */
const MAX_RESTARTS = 10;

/** Sees to it that no group of processes outlives the host, even a host that was killed: one small shell a host. */
export class ProcessWatcher {
  readonly #groups = new Set<number>();
  readonly #mark: string;
  readonly #failed: (error: unknown) => void;
  #shell: ChildProcess | undefined;
  #restarts = 0;

  /** `mark` is what the environments of all programs hold; `failed` hears that the shell was lost and could not be started again. */
  constructor(mark: string, failed: (error: unknown) => void) {
    this.#mark = mark;
    this.#failed = failed;
  }

  /** Starts the shell unless it runs. Throws `E_PROCESS`: without it nothing may be started. */
  ready(): void {
    // Windows has neither groups nor this shell; there the processes end with their pipes.
    if (this.#shell !== undefined || process.platform === "win32") return;
    const shell = spawn("/bin/sh", ["-c", SCRIPT, this.#mark], {
      cwd: "/",
      detached: true,
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    const lost = (): void => this.#lost(shell);
    shell.once("error", lost).once("exit", lost);
    shell.stdin?.on("error", lost);
    if (shell.pid === undefined) {
      throw new CodedError("E_PROCESS", "`/bin/sh`, which ends what a host leaves behind, could not be started", {
        hint: "look whether `/bin/sh` is there and whether this user may start more processes",
      });
    }
    shell.unref();
    // An idle host ends by itself, and with it the pipe.
    if (shell.stdin !== null && "unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref();
    this.#shell = shell;
    for (const group of this.#groups) this.#tell(`+${group}`);
  }

  /** From now on the group ends with the host. */
  add(group: number): void {
    this.#groups.add(group);
    this.#tell(`+${group}`);
  }

  /** The group is gone; its number may come to mean another one. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#tell(`-${group}`);
  }

  /** Ends the shell, which ends the groups that are left. */
  async close(): Promise<void> {
    const shell = this.#shell;
    this.#shell = undefined;
    if (shell === undefined) return;
    const ended = new Promise<void>((resolve) => shell.once("exit", () => resolve()));
    shell.ref();
    shell.stdin?.end();
    await ended;
  }

  #lost(shell: ChildProcess): void {
    if (this.#shell !== shell) return;
    this.#shell = undefined;
    if (this.#groups.size === 0 || this.#restarts >= MAX_RESTARTS) return;
    this.#restarts += 1;
    try {
      this.ready();
    } catch (error) {
      this.#failed(error);
    }
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}
