import { HOOK_EVENTS, HOOK_TYPES } from "../../hook-events.ts";
import type { HookHandlerJson } from "../../hooks.ts";
import type { FileContribution, HookContribution, HookHandler, Provenance } from "../../plugin-manifest.ts";
import { nearest } from "../../names.ts";
import { hookHandlerShape } from "../../shapes.ts";
import type { Located } from "../json-file.ts";
import { isRecord, locatedAt, readJsonFile } from "../json-file.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { fileOf, requestPath } from "../read-context.ts";
import { checkShape } from "../shape-check.ts";
import { baseName, resolveTreePath, isFile, joinTreePath, parentPath } from "../tree-path.ts";

/** What hook files and inline hooks add. */
export interface HookReading {
  readonly hooks: readonly HookContribution[];
  readonly mods: readonly FileContribution[];
}

/** Reads the default file first, then what the manifest declares: paths, inline objects, or a list of both. */
export function readHooks(context: ReadContext, defaultFile: string, declared: readonly Located[]): HookReading {
  const hooks: HookContribution[] = [];
  const mods: FileContribution[] = [];
  const seen = new Set<string>();
  const addFile = (request: PathRequest): void => {
    const node = fileOf(context, request, "hook");
    if (node === undefined || seen.has(node.path)) return;
    seen.add(node.path);
    const document = readJsonFile(context.tree, request.path, context.findings, "hook");
    if (document === undefined) return;
    if (isRecord(document.value) && !("hooks" in document.value) && !("modules" in document.value)) {
      context.findings.warn(
        "W_HOOKS_UNWRAPPED",
        "the events of a hook file belong under the key `hooks`",
        document.where(),
        {
          hint: 'write `{"hooks": { … }}`',
        },
      );
    }
    hooks.push(...readHookDocument(context, document, request.path));
    mods.push(...readMods(context, document, request.path));
  };
  addFile({ path: defaultFile });
  for (const located of declared) {
    for (const part of Array.isArray(located.value)
      ? located.value.map((_, index) => locatedAt(located, [index]))
      : [located]) {
      if (typeof part.value !== "string") {
        hooks.push(...readHookDocument(context, part, part.where().file));
        continue;
      }
      const request = requestPath(context, part.value, part.where(), "hook");
      if (request !== undefined) addFile(request);
    }
  }
  return { hooks, mods };
}

/** Reads a hook document: events under `hooks`, or events at the top. */
export function readHookDocument(context: ReadContext, document: Located, file: string): readonly HookContribution[] {
  if (!isRecord(document.value)) {
    context.findings.error("E_SCHEMA", "hooks are not a JSON object", document.where(), {
      hint: 'write `{"hooks": {…}}`',
      dropped: "hook",
    });
    return [];
  }
  if ("hooks" in document.value) return readHookEvents(context, locatedAt(document, ["hooks"]), { file });
  if ("modules" in document.value) return [];
  return readHookEvents(context, document, { file });
}

/** Reads `event → groups`; each handler is judged alone. `fallback` places what cannot be located better. */
export function readHookEvents(
  context: ReadContext,
  events: Located,
  fallback: Provenance,
): readonly HookContribution[] {
  const { findings } = context;
  if (!isRecord(events.value)) {
    findings.error("E_SCHEMA", "hooks are not an object of events", events.where(), {
      hint: 'write `{"PreToolUse": [ … ]}`',
      dropped: "hook",
    });
    return [];
  }
  const hooks: HookContribution[] = [];
  for (const [event, groups] of Object.entries(events.value)) {
    const known = Object.hasOwn(HOOK_EVENTS, event) ? HOOK_EVENTS[event] : undefined;
    if (known === undefined) {
      if (event === "description" || event.startsWith("$")) continue;
      findings.error("E_SCHEMA", `unknown hook event \`${event}\``, events.where([event], "key"), {
        hint: nearestEvent(event),
        dropped: "hook",
      });
      continue;
    }
    if (!Array.isArray(groups)) {
      findings.error("E_SCHEMA", `hooks of \`${event}\` are not a list`, events.where([event]), {
        hint: 'write a list of `{"matcher", "hooks"}`',
        dropped: "hook",
      });
      continue;
    }
    groups.forEach((_, index) => hooks.push(...readGroup(context, locatedAt(events, [event, index]), event, fallback)));
  }
  return hooks;
}

function readGroup(
  context: ReadContext,
  group: Located,
  event: string,
  fallback: Provenance,
): readonly HookContribution[] {
  const { findings } = context;
  const { value } = group;
  if (!isRecord(value) || !Array.isArray(value["hooks"])) {
    findings.error("E_SCHEMA", `a group of \`${event}\` has no \`hooks\` list`, group.where(), {
      hint: 'write `{"matcher": "…", "hooks": [ … ]}`',
      dropped: "hook",
    });
    return [];
  }
  const matcher = value["matcher"];
  if (matcher !== undefined && typeof matcher !== "string") {
    findings.error("E_SCHEMA", `the matcher of a group of \`${event}\` is not text`, group.where(["matcher"]), {
      hint: "write a text such as `Edit|Write`",
      dropped: "hook",
    });
    return [];
  }
  const supported = HOOK_TYPES[HOOK_EVENTS[event]?.types ?? "process"];
  return value["hooks"].flatMap((_, index) => {
    const located = locatedAt(group, ["hooks", index]);
    const json = checkShape(hookHandlerShape, located, findings, {
      code: "E_SCHEMA",
      subject: `hook of \`${event}\``,
      dropped: "hook",
    });
    if (json === undefined) return [];
    if (!supported.has(json.type)) {
      findings.warn(
        "W_HOOK_TYPE",
        `hooks of type \`${json.type}\` do not run on \`${event}\``,
        located.where(["type"]),
        {
          hint: `use ${[...supported].map((type) => `\`${type}\``).join(", ")}`,
          dropped: "hook",
        },
      );
      return [];
    }
    if (json.type === "command" && json.args === undefined && json.command.includes("${user_config.")) {
      findings.error(
        "E_SCHEMA",
        "a shell command may not hold `${user_config.…}`: its value would be read as shell text",
        located.where(["command"]),
        {
          hint: "give `args`, or read the option's environment variable",
          dropped: "hook",
        },
      );
      return [];
    }
    const where = located.where();
    return [{ ...hookOf(json, event, matcher), where: { ...where, file: where.file || fallback.file } }];
  });
}

function hookOf(json: HookHandlerJson, event: string, matcher: string | undefined): Omit<HookContribution, "where"> {
  return {
    kind: "hook",
    event,
    ...(matcher !== undefined && { matcher }),
    handler: handlerOf(json),
    ...(json.if !== undefined && { if: json.if }),
    ...(json.timeout !== undefined && { timeoutSeconds: json.timeout }),
    ...(json.statusMessage !== undefined && { statusMessage: json.statusMessage }),
    ...(json.once !== undefined && { once: json.once }),
  };
}

function handlerOf(json: HookHandlerJson): HookHandler {
  switch (json.type) {
    case "command":
      return {
        type: "command",
        command: json.command,
        ...(json.args !== undefined && { args: json.args }),
        ...(json.shell !== undefined && { shell: json.shell }),
        ...(json.async !== undefined && { async: json.async }),
        ...(json.asyncRewake !== undefined && { asyncRewake: json.asyncRewake }),
      };
    case "http":
      return {
        type: "http",
        url: json.url,
        ...(json.headers !== undefined && { headers: json.headers }),
        ...(json.allowedEnvVars !== undefined && { allowedEnvVars: json.allowedEnvVars }),
      };
    case "mcp_tool":
      return {
        type: "mcp_tool",
        server: json.server,
        tool: json.tool,
        ...(json.input !== undefined && { input: json.input }),
      };
    case "prompt":
      return {
        type: "prompt",
        prompt: json.prompt,
        ...(json.model !== undefined && { model: json.model }),
        ...(json.continueOnBlock !== undefined && { continueOnBlock: json.continueOnBlock }),
      };
    case "agent":
      return { type: "agent", prompt: json.prompt, ...(json.model !== undefined && { model: json.model }) };
  }
}

function readMods(context: ReadContext, document: Located, file: string): readonly FileContribution[] {
  const modules = isRecord(document.value) ? document.value["modules"] : undefined;
  if (modules === undefined) return [];
  return (Array.isArray(modules) ? modules : [modules]).flatMap((text: unknown, index) => {
    const where = document.where(["modules", index]);
    const path = typeof text === "string" ? resolveTreePath(joinTreePath(parentPath(file), text)) : undefined;
    if (path === undefined || !isFile(context.tree, path)) {
      context.findings.error("E_NOT_FOUND", "a mod names no file of the plugin", where, {
        hint: "name a module relative to the hook file",
        dropped: "mod",
      });
      return [];
    }
    context.findings.info("I_MOD", "in-process modules of the vendor's runtime are listed, never run", where);
    return [{ kind: "mod" as const, name: baseName(path), file: path }];
  });
}

function nearestEvent(event: string): string {
  const near = nearest(event, Object.keys(HOOK_EVENTS));
  return near === undefined ? "see the list of events in the documentation of hooks" : `did you mean \`${near}\``;
}
