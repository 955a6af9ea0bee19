import type { Change } from "../../marketplace/install/change.ts";
import { CodedError } from "../../schemas/errors.ts";
import { parsePluginId } from "../../schemas/names.ts";
import { isRecord } from "../../schemas/record.ts";
import type { Answer, ChangeOrder } from "./change-event.ts";

const VERBS: readonly ChangeOrder["verb"][] = ["add", "remove", "enable", "disable", "update", "rollback"];
const SCOPES: readonly ChangeOrder["scope"][] = ["user", "project", "local"];
const MAX_IDS = 1_000;

/** Reads what a page sent as a change. Throws `E_USAGE` for anything else. */
export function readOrder(value: unknown): ChangeOrder {
  if (!isRecord(value)) throw notUnderstood("it is no object");
  const verb = VERBS.find((one) => one === value["verb"]);
  const scope = SCOPES.find((one) => one === value["scope"]);
  const { ids, to } = value;
  if (verb === undefined) throw notUnderstood("its verb is none that a page may use");
  if (scope === undefined) throw notUnderstood("its scope is none");
  if (!Array.isArray(ids) || ids.length > MAX_IDS) throw notUnderstood("it names no list of plugins");
  const names = ids.filter((id): id is string => typeof id === "string" && parsePluginId(id) !== undefined);
  if (names.length !== ids.length) throw notUnderstood("one of its plugins is no `name@marketplace`");
  if (names.length === 0 && verb !== "update" && verb !== "rollback") throw notUnderstood("it names no plugin");
  if (to !== undefined && (typeof to !== "number" || !Number.isSafeInteger(to) || to < 1))
    throw notUnderstood("its generation is no number");
  return { verb, scope, ids: names, ...(to === undefined ? {} : { to }) };
}

/** Reads what a page sent as an answer. Throws `E_USAGE` for anything else. */
export function readAnswer(value: unknown): Answer {
  if (!isRecord(value) || typeof value["question"] !== "string" || typeof value["yes"] !== "boolean")
    throw notUnderstood("it is no answer");
  const { question, yes, digest } = value;
  if (typeof question !== "string" || typeof yes !== "boolean") throw notUnderstood("it is no answer");
  return { question, yes, ...(typeof digest === "string" ? { digest } : {}) };
}

/** The change that the pipeline carries out for an order. */
export function changeOf({ verb, ids, to }: ChangeOrder): Change {
  switch (verb) {
    case "add":
      return {
        verb,
        requests: ids.map((id) => ({ kind: "named", name: id, ...parsePluginId(id) })),
      };
    case "remove":
      return { verb, ids, keepData: false };
    case "rollback":
      return { verb, ...(to === undefined ? {} : { to }) };
    default:
      return { verb, ids };
  }
}

function notUnderstood(why: string): CodedError {
  return new CodedError("E_USAGE", `the page sent something that is not understood: ${why}`, {
    hint: "reload the page",
  });
}
