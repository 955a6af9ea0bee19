import type { MonitorContribution } from "../../plugin-manifest.ts";
import { monitorShape } from "../../shapes.ts";
import type { Located } from "../json-file.ts";
import { locatedAt, readJsonFile } from "../json-file.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { fileOf } from "../read-context.ts";
import { checkShape } from "../shape-check.ts";

/** Reads monitors from files. */
export function readMonitorFiles(
  context: ReadContext,
  requests: readonly PathRequest[],
): readonly MonitorContribution[] {
  return requests.flatMap((request) => {
    if (fileOf(context, request, "monitor") === undefined) return [];
    const document = readJsonFile(context.tree, request.path, context.findings, "monitor");
    return document === undefined ? [] : readMonitorList(context, document, "monitor");
  });
}

/** Reads a list of monitors; a repeated name keeps the first, one of the wrong shape takes `dropped` along. */
export function readMonitorList(
  context: ReadContext,
  list: Located,
  dropped: "monitor" | "plugin",
): readonly MonitorContribution[] {
  const { findings } = context;
  if (!Array.isArray(list.value)) {
    findings.error("E_SCHEMA", "monitors are not a JSON list", list.where(), {
      hint: 'write `[{"name": …, "command": …}]`',
      dropped,
    });
    return [];
  }
  const names = new Set<string>();
  return list.value.flatMap((_, index) => {
    const located = locatedAt(list, [index]);
    const json = checkShape(monitorShape, located, findings, {
      code: "E_SCHEMA",
      subject: "monitor",
      dropped,
    });
    if (json === undefined) return [];
    if (names.has(json.name)) {
      findings.error("E_SCHEMA", `monitor \`${json.name}\` is listed twice`, located.where(["name"]), {
        hint: "rename one of them",
        dropped: "monitor",
      });
      return [];
    }
    names.add(json.name);
    if (json.command.includes("${user_config.")) {
      findings.error(
        "E_SCHEMA",
        "a monitor command may not hold `${user_config.…}`: its value would be read as shell text",
        located.where(["command"]),
        {
          hint: "read the value inside the script",
          dropped: "monitor",
        },
      );
      return [];
    }
    return [
      {
        kind: "monitor" as const,
        name: json.name,
        command: json.command,
        description: json.description,
        when: json.when ?? "always",
        where: located.where(),
      },
    ];
  });
}
