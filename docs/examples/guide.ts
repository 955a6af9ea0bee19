import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One command of a guide, the machine that it runs on, and what the guide says that it prints. */
interface Step {
  readonly line: number;
  readonly machine: string;
  readonly command: string;
  readonly expected: string[];
}

/** How a guide is run. */
export interface GuideRun {
  /** Its path in the repository. */
  readonly guide: string;
  /** Holds a folder for every machine, which is its home. */
  readonly work: string;
  /** Variables of every command; printed addresses become their names again. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The machines that have an `/etc` of their own, which needs root: its folder, and whether an ordinary person is at work. */
  readonly managed: Readonly<Record<string, { readonly etc: string; readonly isPerson: boolean }>>;
  /** What happens at a line `<!-- words -->`. */
  readonly directives?: Readonly<Record<string, () => Promise<void>>> | undefined;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The number of the ordinary person. */
export const PERSON = 65_534;

/** An empty folder for the machines of a guide. */
export function workFolder(name: string): string {
  return realpathSync(mkdtempSync(join(tmpdir(), `plugsmith-${name}-`)));
}

/** Removes it, read-only stores included. */
export function removeWork(work: string): void {
  spawnSync("chmod", ["-R", "u+w", work]);
  rmSync(work, { recursive: true, force: true });
}

/** Writes a file with the folders around it. */
export function write(file: string, content: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
}

/** Makes the words of a guide programs: each is a file of the repository, run from its sources. */
export function makePrograms(work: string, programs: Readonly<Record<string, string>>): void {
  for (const [name, file] of Object.entries(programs)) {
    const program = join(work, "bin", name);
    write(program, `#!/bin/sh\nexec ${process.execPath} --conditions=source ${join(root, file)} "$@"\n`);
    chmodSync(program, 0o755);
  }
}

/** A skill in the words of an example. */
export function exampleSkill(name: string): string {
  return `---\nname: ${name}\ndescription: How Acme does ${name}\n---\n\nRead first.\n`;
}

/** Runs every command of a guide and compares what it prints. Throws with file and line where it differs. */
export async function runGuide(run: GuideRun): Promise<void> {
  const guide = join(root, run.guide);
  const canMount = spawnSync("unshare", ["--mount", "true"]).status === 0;
  let ran = 0;
  for (const step of stepsOf(readFileSync(guide, "utf8"), Object.keys(run.directives ?? {}))) {
    if (step.machine === "") {
      await run.directives?.[step.command]?.();
      continue;
    }
    if (run.managed[step.machine] !== undefined && !canMount) {
      process.stdout.write(`not run, needs root and \`unshare\`: ${step.command}\n`);
      continue;
    }
    process.stdout.write(`\n${step.machine}$ ${step.command}\n`);
    const printed = await runStep(step, run);
    process.stdout.write(printed.map((line) => `${line}\n`).join(""));
    ran += 1;
    const missing = step.expected.find((line) => !printed.some((each) => isAs(each, line)));
    const failed =
      printed.at(-1)?.startsWith("[exit ") === true && !step.expected.some((line) => line.startsWith("[exit "));
    if (missing !== undefined) throw new Error(`${guide}:${String(step.line)}: not printed: \`${missing}\``);
    if (failed) throw new Error(`${guide}:${String(step.line)}: the command failed`);
  }
  if (ran === 0) throw new Error(`${guide} has no command`);
  process.stdout.write(`\n${String(ran)} commands of the guide ran and printed what it says\n`);
}

/** The commands of the guide's `console` blocks in order; a line `<!-- directive -->` is a step too. */
function stepsOf(text: string, directives: readonly string[]): readonly Step[] {
  const steps: Step[] = [];
  let machine: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const opened = /^```console (\w+)$/u.exec(line)?.[1];
    const directive = directives.find((one) => line === `<!-- ${one} -->`);
    if (opened !== undefined) machine = opened;
    else if (line === "```") machine = undefined;
    else if (directive !== undefined) steps.push({ line: index + 1, machine: "", command: directive, expected: [] });
    else if (machine !== undefined && line.startsWith("$ "))
      steps.push({ line: index + 1, machine, command: line.slice(2), expected: [] });
    else if (machine !== undefined && line !== "") steps.at(-1)?.expected.push(line);
  }
  return steps;
}

/** Runs a command on its machine: a home directory of its own, and an `/etc` of its own where it has one. */
async function runStep(step: Step, { work, addresses, managed }: GuideRun): Promise<readonly string[]> {
  const home = join(work, step.machine);
  const output = join(work, "output");
  writeFileSync(output, "");
  chmodSync(output, 0o666);
  const env = {
    ...addresses,
    PATH: `${join(work, "bin")}:${process.env["PATH"] ?? ""}`,
    HOME: home,
    SHARED: join(work, "shared"),
    PLUGSMITH_AGENTS: "off",
    GIT_CONFIG_NOSYSTEM: "1",
    ...Object.fromEntries(
      ["AUTHOR", "COMMITTER"].flatMap((who) => [
        [`GIT_${who}_NAME`, "Acme"],
        [`GIT_${who}_EMAIL`, "acme@example.invalid"],
      ]),
    ),
  };
  const script = `exec >"${output}" 2>&1; ${step.command}`;
  const place = managed[step.machine];
  const person = `setpriv --reuid=${String(PERSON)} --regid=${String(PERSON)} --clear-groups`;
  const [program, ...words] =
    place === undefined
      ? ["sh", "-c", script]
      : [
          "unshare",
          "--mount",
          "sh",
          "-c",
          `mount --make-rprivate / && mount --bind ${place.etc} /etc && exec ${place.isPerson ? person : ""} sh -c "$0"`,
          script,
        ];
  const child = spawn(program ?? "sh", words, { cwd: home, env, stdio: "ignore" });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("exit", resolve);
  const exit = await promise;
  let text = readFileSync(output, "utf8");
  for (const [name, address] of Object.entries(addresses)) text = text.replaceAll(address, `$${name}`);
  const lines = text
    .replaceAll(work, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return exit === 0 ? lines : [...lines, `[exit ${String(exit)}]`];
}

/** Whether a printed line is as the guide says, where `…` stands for anything. */
function isAs(printed: string, expected: string): boolean {
  const parts = expected
    .trimEnd()
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "u").test(printed.trimEnd());
}
