import { CodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { PolicyAction, PolicySubject } from "../../schemas/policy.ts";
import { usedCapabilities } from "../../schemas/used-capabilities.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { ConsentItem, Plan } from "../plan/plan.ts";
import { policyRefusal } from "../policy-refusal.ts";
import type { Services } from "../services.ts";
import { canonicalJson } from "../../schemas/canonical-json.ts";
import { storedTree } from "../store/stored-tree.ts";
import type { ResolvedRoot } from "./resolve-root.ts";
import type { RootState } from "./root-state.ts";

/** What can refuse, and where that is written down. */
type Refusing = Pick<Services, "decide" | "audit">;

/** What policy looks at of a root to come. */
export interface PolicyView extends Pick<ResolvedRoot, "plugins" | "shared" | "local" | "marketOf" | "unlisted"> {
  readonly inspected: ReadonlyMap<string, Pick<InspectedPlugin, "manifest" | "diagnostics">>;
}

/** What policy looks at of a root as it is. */
export interface PolicyBefore extends Pick<RootState, "installed"> {
  readonly shared: { readonly intent: { readonly value: Intent } };
  readonly local: { readonly value: Intent } | undefined;
}

/** Asks policy about every plugin that arrives, leaves or is switched, and about its contributions. Throws `E_SOURCE_BLOCKED`. */
export function passPolicy(services: Refusing, resolved: PolicyView, state: PolicyBefore): void {
  const staying = new Set(resolved.plugins.map(({ id }) => id));
  for (const { id, version, source } of leaving(resolved, state)) {
    const subject: PolicySubject = { kind: "plugin", id, version, market: resolved.marketOf(id), source };
    ask(services, id, subject, "disable", "", staying.has(id) ? "disable" : "remove");
  }
  for (const plugin of resolved.plugins) {
    const old = state.installed.get(plugin.id);
    const { id } = plugin;
    const subject = subjectOf(plugin, resolved);
    if (old?.enabled === false && plugin.enabled) ask(services, id, subject, "enable");
    if (!plugin.enabled || (old?.enabled === true && isSame(old, plugin))) continue;
    const inspected = resolved.inspected.get(id);
    if (inspected === undefined) continue;
    ask(services, id, subject, "install");
    for (const { kind: capability, name } of usedCapabilities(inspected.manifest))
      ask(services, id, { kind: "capability", id, capability }, "install", ` (\`${name}\`)`);
    for (const contribution of inspected.manifest.contributions) {
      const name = "name" in contribution ? contribution.name : contribution.event;
      ask(services, id, { kind: "contribution", id, contribution: { kind: contribution.kind, name } }, "install");
    }
    const escaping = inspected.diagnostics.find(({ code }) => code === "E_PATH_ESCAPE");
    if (escaping !== undefined)
      ask(services, id, { kind: "flag", name: "escaping-paths" }, "install", ` (${escaping.message})`);
  }
}

function subjectOf({ id, version, source, tree, scope }: GenerationPlugin, resolved: PolicyView): PolicySubject {
  const { shared, local, marketOf, unlisted } = resolved;
  const range = (scope === "local" ? local : shared)?.plugins[id]?.range;
  return { kind: "plugin", id, version, market: marketOf(id), source, tree, range, listed: !unlisted.has(id) };
}

/** Asks policy about commands of arriving plugins that download what they start. Throws `E_SOURCE_BLOCKED`. */
export function passLaunchers(services: Refusing, { launchers }: Pick<Plan, "launchers">): void {
  for (const { id, component, unlocked } of launchers) {
    if (unlocked === undefined) continue;
    ask(services, id, { kind: "flag", name: "unlocked-launchers" }, "install", ` (${component}: ${unlocked})`);
  }
}

/** Whether two entries stand for the same plugin: an entry of the catalog can change what a plugin adds without touching its tree. */
function isSame(old: GenerationPlugin, next: GenerationPlugin): boolean {
  return (
    old.tree === next.tree && old.manifest === next.manifest && canonicalJson(old.source) === canonicalJson(next.source)
  );
}

/** Plugins that are on and are to be switched off, emptied or taken out, also where a rule would keep them on all the same. */
function leaving(resolved: PolicyView, state: PolicyBefore): readonly GenerationPlugin[] {
  const next = new Map(resolved.plugins.map((plugin) => [plugin.id, plugin]));
  const intents: readonly (readonly [before: Intent, after: Intent])[] = [
    [state.shared.intent.value, resolved.shared],
    ...(state.local === undefined || resolved.local === undefined
      ? []
      : [[state.local.value, resolved.local] as const]),
  ];
  return [...state.installed.values()].filter(
    ({ id, enabled }) =>
      enabled && (next.get(id)?.enabled !== true || intents.some(([before, after]) => wantsLess(id, before, after))),
  );
}

/** Whether an intent switches off a plugin, or a component of it, that was on in the one before. */
function wantsLess(id: string, before: Intent, after: Intent): boolean {
  if (after.plugins[id]?.enabled === false && before.plugins[id]?.enabled !== false) return true;
  const off = new Set(before.disabledComponents[id]);
  return (after.disabledComponents[id] ?? []).some((component) => !off.has(component));
}

/** `finding` is what of the plugin the rule is about, `verb` what people call the action. */
function ask(
  services: Refusing,
  id: string,
  subject: PolicySubject,
  action: PolicyAction,
  finding = "",
  verb: string = action,
): void {
  const verdict = services.decide(subject, action);
  if (verdict.allowed) return;
  services.audit.append({
    action,
    subject: id,
    outcome: "denied",
    detail: { reason: verdict.reason, rule: verdict.rule.key },
  });
  throw policyRefusal(verdict.rule, `policy does not allow to ${verb} \`${id}\`: ${verdict.reason}${finding}`);
}

/** Asks the person about everything new that can execute. Throws `E_TRUST` for a no, or when nobody can be asked. */
export async function passConsent(services: Services, plan: Plan): Promise<void> {
  const open = plan.consent.filter((item) => !isGiven(services, item, plan));
  if (open.length === 0) return;
  const answer = await services.consent.ask(open);
  const detail = { closures: open.map(({ id, closure }) => `${id} ${closure}`) };
  services.audit.append({
    action: "consent",
    subject: plan.verb,
    outcome: answer === "granted" ? "allowed" : "denied",
    detail,
  });
  if (answer === "granted") return;
  throw new CodedError("E_TRUST", "you did not agree to what would run; nothing was changed", {
    hint: "`--dry-run` shows the plan without asking",
  });
}

/** Whether an administrator has said yes to it; that is in the record, with the rule. */
function isGiven({ consent, audit }: Services, { id, tree, closure }: ConsentItem, { verb, launchers }: Plan): boolean {
  const rule = consent.givenBy({ id, tree, closure, hasLaunchers: launchers.some((launcher) => launcher.id === id) });
  if (rule === undefined) return false;
  const detail = { closures: [`${id} ${closure}`], rule: `${rule.key} in ${rule.file}` };
  audit.append({ action: "consent", subject: verb, outcome: "allowed", detail });
  return true;
}

/** Lets the host look at every enabled plugin that arrives. Throws `E_WOULD_NOT_LOAD` with everything it found. */
export function passLoadCheck(services: Services, resolved: ResolvedRoot, state: RootState): void {
  const candidates = resolved.plugins.flatMap((plugin) => {
    const old = state.installed.get(plugin.id);
    const inspected = resolved.inspected.get(plugin.id);
    const isNew = old === undefined || !old.enabled || old.tree !== plugin.tree || old.manifest !== plugin.manifest;
    if (!plugin.enabled || inspected === undefined || !isNew) return [];
    const { manifest, directory } = inspected;
    const needs = Object.keys(plugin.dependencies);
    return [{ id: plugin.id, manifest, directory, tree: storedTree(directory, services.openTree), needs }];
  });
  const findings = services.checkLoad(candidates);
  for (const [index, diagnostics] of findings.entries()) {
    const error = diagnostics.find((diagnostic) => diagnostic.severity === "error");
    if (error === undefined) continue;
    const id = candidates[index]?.id ?? "";
    throw new CodedError("E_WOULD_NOT_LOAD", `\`${id}\` would not load: ${error.message}`, {
      where: error.file === undefined ? id : `${id}/${error.file}${error.line === undefined ? "" : `:${error.line}`}`,
      hint: error.hint ?? "its author must mend it; nothing was changed",
      data: { id, diagnostics },
    });
  }
}
