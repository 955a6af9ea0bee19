import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { GENERAL_PURPOSE, type MemoryScope } from "../../../builtin-plugins/agents/definition.ts";
import { memoryOf } from "../../../builtin-plugins/agents/memory.ts";
import { agentSession, isAgent, spawning } from "../../support/agent-session.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

interface Case {
  readonly memory?: MemoryScope;
  readonly name?: string;
  readonly trusted?: boolean;
  readonly isOfProject?: boolean;
  /** Files below the folder that holds `home` and `project`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
}

/** The memory of an agent, with the paths in it relative to the folder that holds home and project. */
function memoryIn({
  memory = "user",
  name = "scout",
  trusted = true,
  isOfProject = false,
  files = {},
  links = {},
}: Case) {
  const place = temporaryHome();
  const top = realpathSync(place.directory);
  for (const folder of ["home", "project"]) mkdirSync(`${top}/${folder}`);
  for (const [file, text] of Object.entries(files)) place.write(file, text);
  for (const [link, target] of Object.entries(links)) {
    mkdirSync(dirname(`${top}/${link}`), { recursive: true });
    symlinkSync(target, `${top}/${link}`);
  }
  const warnings: string[] = [];
  const workspace = {
    directory: `${top}/project`,
    projectDirectory: `${top}/project`,
    homeDirectory: `${top}/home`,
    plugsmithHome: `${top}/home/.plugsmith`,
    trusted,
    environment: {},
  };
  const found = memoryOf({ ...GENERAL_PURPOSE, name, memory, isOfProject }, workspace, (text) => warnings.push(text));
  return {
    top,
    warnings,
    found,
    folder: found?.directory.slice(top.length + 1),
    [Symbol.dispose]: () => place[Symbol.dispose](),
  };
}

describe("the memory of an agent", () => {
  const old = "project/.claude/agent-memory/scout/MEMORY.md";
  const places: readonly (Case & { readonly what: string; readonly folder: string })[] = [
    { what: "of the person", memory: "user", folder: "home/.agents/agent-memory/scout" },
    { what: "of the project", memory: "project", folder: "project/.agents/agent-memory/scout" },
    { what: "of this machine", memory: "local", folder: "project/.agents/agent-memory-local/scout" },
    { what: "of an agent of a plugin", name: "city:scout", folder: "home/.agents/agent-memory/city%3Ascout" },
    { what: "of a name that leads up", name: "..", folder: "home/.agents/agent-memory/%2E%2E" },
    {
      what: "that another client has kept",
      memory: "project",
      files: { [old]: "x" },
      folder: "project/.claude/agent-memory/scout",
    },
  ];
  it.each(places)("$what has a folder of its own", ({ folder, ...rest }) => {
    using at = memoryIn(rest);
    expect(at.folder).toBe(folder);
    expect(at.found?.pattern).toBe(`/${at.top}/${folder}/**`);
    expect(at.warnings).toEqual([]);
  });

  const refused: readonly (Case & { readonly what: string; readonly why: string })[] = [
    { what: "a project that nobody trusts", memory: "project", trusted: false, why: "nobody trusts the project" },
    { what: "this machine in such a project", memory: "local", trusted: false, why: "nobody trusts the project" },
    { what: "the person, by a file of such a project", isOfProject: true, trusted: false, why: "nobody trusts" },
    {
      what: "a folder that leads out of the project",
      memory: "project",
      links: { "project/.agents/agent-memory": "../../home" },
      why: "its folder leads out of",
    },
  ];
  it.each(refused)("is not used for $what", ({ why, ...rest }) => {
    using at = memoryIn(rest);
    expect(at.found).toBeUndefined();
    expect(at.warnings.join()).toContain(why);
    expect(existsSync(`${at.top}/project/.agents/agent-memory-local`)).toBe(false);
  });

  it("on this machine stays out of version control", () => {
    using at = memoryIn({ memory: "local" });
    expect(readFileSync(`${at.top}/project/.agents/agent-memory-local/.gitignore`, "utf8")).toBe("*\n");
  });

  const file = "home/.agents/agent-memory/scout/MEMORY.md";
  const beginnings = [
    { what: "all of a short file", text: "pears\nplums\n", shown: /says:\n\npears\nplums$/u },
    { what: "200 lines", text: "line\n".repeat(500), shown: /(?:line\n){200}… \(the rest is not shown/u },
    { what: "25 KB", text: "x".repeat(30_000), shown: /\n\nx{25600}\n… \(the rest/u },
    { what: "that there is nothing yet", text: "", shown: /is empty so far/u },
  ];
  it.each(beginnings)("is told to it: $what", ({ text, shown }) => {
    using at = memoryIn({ files: text === "" ? {} : { [file]: text } });
    expect(at.found?.text).toMatch(shown);
  });

  it("shows nothing that a link brings in from outside", () => {
    using at = memoryIn({ files: { "home/secret": "hush" }, links: { [file]: "../../../secret" } });
    expect(at.found?.text).not.toContain("hush");
  });

  it("can be written without a question by an agent that may write nothing else", async () => {
    const results: (readonly string[])[] = [];
    const note = (path: string) => ({ name: "Write", input: { file_path: path, content: "pears are ripe\n" } });
    await using at = await agentSession({
      agents: { scout: "---\nname: scout\ndescription: Scouts.\ntools: Read\nmemory: user\n---\nYou scout." },
      main: (step) => (step === 0 ? { calls: [spawning("city:scout")] } : { text: "bye" }),
      agent: (step, told, { system }) => {
        results.push(told);
        const folder = /the folder `(?<folder>[^`]+)`/u.exec(JSON.stringify(system))?.groups?.["folder"] ?? "";
        return step === 0 ? { calls: [note(`${folder}/MEMORY.md`), note("other.txt")] } : { text: "noted" };
      },
    });
    const session = await at.host.open({ options: { permissionMode: "acceptEdits" } });
    await at.host.turn(session, "go");
    const [written, other] = results[1] ?? [];
    expect(written).toContain("MEMORY.md");
    expect(other).toContain("denied");
    expect(existsSync(`${at.host.project}/other.txt`)).toBe(false);
    await at.host.turn(session, "again");
    await at.host.turn(await at.host.open(), "go");
    const systems = at.service.requests
      .filter(({ body }) => isAgent(body))
      .map(({ body }) => JSON.stringify(body.system));
    expect(systems[0]).toContain("is empty so far");
    expect(systems.at(-1)).toContain("pears are ripe");
  });
});
