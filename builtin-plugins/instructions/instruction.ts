/** One file of instructions. */
export interface Instruction {
  /** Absolute real path. */
  readonly file: string;
  readonly kind: "user" | "project" | "local";
  readonly text: string;
  /** The file that imports it. */
  readonly parent?: string | undefined;
}

const TITLES: Readonly<Record<Instruction["kind"], string>> = {
  user: "the person's own instructions for all projects",
  project: "instructions of the project",
  local: "the person's own instructions for this project",
};

/** As the model reads them. */
export function shownText(instructions: readonly Instruction[]): string {
  const blocks = instructions.map(
    ({ file, kind, text, parent }) =>
      `Contents of ${file} (${TITLES[kind]}${parent === undefined ? "" : `, imported by ${parent}`}):\n\n${text}`,
  );
  return ["Follow these instructions, written down for this work:", ...blocks].join("\n\n");
}
