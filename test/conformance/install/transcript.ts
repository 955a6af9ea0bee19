import { spawn } from "node:child_process";

/** One command as it ran. */
export interface Run {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the bundled command in one home, as a person without a terminal would, and writes down what was typed and printed. */
export class Transcript {
  readonly #program: string;
  readonly #home: string;
  readonly #lines: string[] = [];

  constructor(program: string, home: string) {
    this.#program = program;
    this.#home = home;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  async run(...words: readonly string[]): Promise<Run> {
    const child = spawn(process.execPath, [this.#program, ...words], {
      cwd: this.#home,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.#home, PLUGSMITH_HOME: this.#home, PLUGSMITH_AGENTS: "off" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const run = { stdout: "", stderr: "" };
    const printed: string[] = [];
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        run[name] += text;
        printed.push(text);
      });
    }
    const exit = await new Promise<number>((done, reject) => {
      child.on("error", reject);
      child.on("close", (code) => done(code ?? 128));
    });
    this.#lines.push(`$ plugin ${words.join(" ")}`);
    if (!words.includes("--json")) this.#lines.push(...printed.join("").trimEnd().split("\n"));
    this.#lines.push(`[exit ${exit}]`, "");
    return { exit, ...run };
  }
}
