import { HOOK_EVENTS, HOOK_TYPES } from "../../hook-events.ts";
import type { HookHandlerJson } from "../../hooks.ts";
import type { FileContribution, HookContribution, HookHandler, Provenance } from "../../plugin-manifest.ts";
import { nearest } from "../../names.ts";
import { hookHandlerShape } from "../../shapes.ts";
import type { Located } from "../json-file.ts";
import { locatedAt, readJsonFile } from "../json-file.ts";
import { isRecord } from "../../record.ts";
import type { Findings } from "../findings.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { fileOf, requestJson } from "../read-context.ts";
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
    if (document === undefined || !hasTextDescription(context, document)) return;
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
        hooks.push(...readInlineHooks(context, part));
        continue;
      }
      const request = requestJson(context, part.value, part.where(), "hook");
      if (request !== undefined) addFile(request);
    }
  }
  return { hooks, mods };
}

/** The file as a whole is refused, as its author would see it refused elsewhere. */
function hasTextDescription(context: ReadContext, document: Located): boolean {
  const description = isRecord(document.value) ? document.value["description"] : undefined;
  if (description === undefined || typeof description === "string") return true;
  context.findings.error("E_SCHEMA", "`description` of a hook file is not text", document.where(["description"]), {
    hint: "write a text",
    dropped: "hook",
  });
  return false;
}

/** Reads hooks that stand in a manifest or a catalog entry: events at the top, for only a file has the key `hooks`. */
export function readInlineHooks(context: ReadContext, events: Located): readonly HookContribution[] {
  return readHookEvents(context, events, events.where());
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
    const report = reporter(findings, event, groups);
    if (!Object.hasOwn(HOOK_EVENTS, event)) {
      if (event === "description" || event.startsWith("$")) continue;
      report(`unknown hook event \`${event}\``, events.where([event], "key"), nearestEvent(event));
      continue;
    }
    if (!Array.isArray(groups)) {
      report(`hooks of \`${event}\` are not a list`, events.where([event]), 'write a list of `{"matcher", "hooks"}`');
      continue;
    }
    groups.forEach((_, index) => hooks.push(...readGroup(context, locatedAt(events, [event, index]), event, fallback)));
  }
  return hooks;
}

/** Events whose hooks may be what keeps something from happening: without one the plugin is not what its author tested. */
const GUARDS: readonly string[] = ["PreToolUse", "PermissionRequest"];

function isGuard(event: string, value?: unknown): boolean {
  return GUARDS.includes(event) || (isRecord(value) && GUARDS.some((guard) => Object.hasOwn(value, guard)));
}

/** Reports what was dropped of an event: a fault where it may have guarded something, else a warning. */
function reporter(
  findings: Findings,
  event: string,
  value?: unknown,
): (message: string, where: Provenance, hint: string) => void {
  return (message, where, hint) => {
    const details = { hint, dropped: "hook" };
    if (isGuard(event, value)) findings.error("E_SCHEMA", message, where, details);
    else findings.warn("E_SCHEMA", message, where, details);
  };
}

function readGroup(
  context: ReadContext,
  group: Located,
  event: string,
  fallback: Provenance,
): readonly HookContribution[] {
  const { findings } = context;
  const { value } = group;
  const report = reporter(findings, event);
  if (!isRecord(value) || !Array.isArray(value["hooks"])) {
    const hint = 'write `{"matcher": "…", "hooks": [ … ]}`';
    report(`a group of \`${event}\` has no \`hooks\` list`, group.where(), hint);
    return [];
  }
  const matcher = value["matcher"];
  if (matcher !== undefined && typeof matcher !== "string") {
    const hint = "write a text such as `Edit|Write`";
    report(`the matcher of a group of \`${event}\` is not text`, group.where(["matcher"]), hint);
    return [];
  }
  const supported = HOOK_TYPES[HOOK_EVENTS[event]?.types ?? "process"];
  return value["hooks"].flatMap((_, index) => {
    const located = locatedAt(group, ["hooks", index]);
    const json = checkShape(hookHandlerShape, located, findings, {
      code: "E_SCHEMA",
      subject: `hook of \`${event}\``,
      dropped: "hook",
      severity: isGuard(event) ? "error" : "warning",
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
    ...(json.required !== undefined && { required: json.required }),
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
  if (event === "hooks") return "write the events themselves; only a hook file has the key `hooks`";
  const near = nearest(event, Object.keys(HOOK_EVENTS));
  return near === undefined ? "see the list of events in the documentation of hooks" : `did you mean \`${near}\``;
}
