import { h, type JSX } from "preact";
import type { Change } from "../../../marketplace/compare/difference.ts";
import type { ConsentItem, Plan, PlanStep } from "../../../marketplace/plan/plan.ts";
import { bytesText, counted, kindWord, signed } from "../../../marketplace/site/views/kinds.ts";
import { ExecutableList } from "../../../marketplace/site/views/parts.ts";

/** What a change would do, as a person is asked about it. */
export function PlanView({
  plan,
  codeMode,
}: {
  readonly plan: Plan;
  readonly codeMode?: string | undefined;
}): JSX.Element {
  const steps = plan.steps.filter(({ action }) => action !== "keep");
  const { tokensDelta, bytesDelta, collisions, cycles, notes, diagnostics, executables } = plan;
  const costs = [
    ...(tokensDelta === 0 ? [] : [`${signed(tokensDelta)} tokens in every session`]),
    ...(bytesDelta === 0 ? [] : [`${bytesDelta > 0 ? "+" : ""}${bytesText(bytesDelta)} on disk`]),
  ];
  const found = [
    ...collisions.map(({ kind, name, ids, effect }) => `${kindWord(kind)} ${name}: ${ids.join(", ")}: ${effect}`),
    ...plan.agents.flatMap(({ title, plugins, losses }) => [
      `${title} will hold ${counted(plugins, "plugin")} from here`,
      ...losses.map(({ plugin, component, part, reason }) => {
        const what = [part, component ?? (part === undefined ? "all" : undefined), plugin];
        return `${title} loses ${what.filter((word) => word !== undefined).join(" of ")}: ${reason}`;
      }),
    ]),
    ...cycles.map((cycle) => `a cycle: ${[...cycle, cycle[0] ?? ""].join(" → ")}`),
    ...notes,
    ...diagnostics.filter(({ severity }) => severity !== "info").map(({ message }) => message),
  ];
  return h("div", { class: "plan" }, [
    steps.length === 0
      ? h("p", null, "No plugin changes, only what is written down about them.")
      : h(
          "ul",
          { class: "steps" },
          steps.map((step) => h(Step, { key: step.id, step })),
        ),
    costs.length === 0 ? null : h("p", { class: "note" }, costs.join(", ")),
    executables.length === 0
      ? null
      : h("p", null, [
          h("span", { class: "badge runs" }, "can execute"),
          ` ${[...new Set(executables.map(({ id }) => id))].join(", ")}`,
        ]),
    codeMode === undefined ? null : h("p", { class: "note" }, codeMode),
    found.length === 0
      ? null
      : h(
          "ul",
          { class: "notes" },
          found.map((text) => h("li", null, text)),
        ),
  ]);
}

const WORDS: Readonly<Record<PlanStep["action"], string>> = {
  install: "install",
  update: "update",
  downgrade: "downgrade",
  reinstall: "reinstall",
  remove: "remove",
  enable: "enable",
  disable: "disable",
  keep: "keep",
};

function Step({ step }: { readonly step: PlanStep }): JSX.Element {
  const { action, id, from, to, why } = step;
  const version = from !== undefined && to !== undefined && from !== to ? `${from} → ${to}` : (to ?? from ?? "");
  const chain = why.filter((link) => link.id !== id);
  const nearest = chain.at(-1);
  return h("li", null, [
    h("span", { class: `badge action-${action}` }, WORDS[action]),
    h("strong", null, id),
    h("span", { class: "version" }, version),
    nearest === undefined ? null : h("span", { class: "muted" }, `needed by ${nearest.id} (${nearest.range})`),
  ]);
}

/** What a person says yes or no to: every command of every plugin, where it comes from, and the digest that binds the yes. */
export function ConsentView({
  items,
  digest,
}: {
  readonly items: readonly ConsentItem[];
  readonly digest: string;
}): JSX.Element {
  return h("div", { class: "consent" }, [
    items.map((item) =>
      h("section", { key: item.id, "aria-label": item.id }, [
        h("h3", null, [item.id, " ", h("span", { class: "version" }, item.version)]),
        h("p", { class: "muted" }, `from ${item.origin}`),
        item.moved === undefined
          ? null
          : h(
              "p",
              { class: "problem" },
              `The tag ${item.moved.tag} names other files now than those that were locked.`,
            ),
        h(ExecutableList, { executables: item.executables }),
        h(Since, { item }),
        // The digest of a single plugin is the one below.
        items.length === 1 ? null : h("p", { class: "digest" }, item.closure),
      ]),
    ),
    h("p", null, ["Your yes counts for exactly these files and commands: ", h("code", { class: "digest" }, digest)]),
  ]);
}

function Since({ item: { previous, since } }: { readonly item: ConsentItem }): JSX.Element | null {
  if (previous === undefined) return null;
  if (since === undefined)
    return h("p", null, "It changed since you accepted it, and the files of then are not known any more.");
  const { files, patches, packages, executables, capabilities, hosts } = since;
  const facts = [
    ...changed("npm package", packages, (one) => one),
    ...changed("can execute", executables, ({ kind, name, display }) => `${kindWord(kind)} ${name}: ${display}`),
    ...changed("asks for", capabilities, (one) => one),
    ...changed("names the host", hosts, (one) => one),
  ];
  const texts = new Map(patches.map(({ path, text }) => [path, text]));
  const covered = patches.flatMap(({ path }) => files.find((file) => file.path === path) ?? []);
  return h("div", null, [
    files.length === 0
      ? h("p", null, "Its files are the same as when you accepted it, but not what it runs.")
      : h("details", { open: files.length <= 12 }, [
          h("summary", null, `${counted(files.length, "file")} changed since you accepted it`),
          h(
            "ul",
            { class: "notes" },
            [...covered, ...files.filter(({ path }) => !texts.has(path))].map(({ change, path }) =>
              h("li", null, [`${change} ${path}`, h(Patch, { text: texts.get(path) })]),
            ),
          ),
        ]),
    facts.length === 0
      ? null
      : h(
          "ul",
          { class: "notes" },
          facts.map((fact) => h("li", null, fact)),
        ),
  ]);
}

/** How a text changed, without the names of its file. */
function Patch({ text }: { readonly text: string | undefined }): JSX.Element | null {
  const hunks = text?.slice(text.indexOf("\n@@") + 1);
  return hunks === undefined ? null : h("pre", { tabindex: 0 }, h("code", null, hunks));
}

function changed<T>(title: string, change: Change<T> | undefined, text: (fact: T) => string): readonly string[] {
  return [
    ...(change?.removed ?? []).map((fact) => `no longer: ${title} ${text(fact)}`),
    ...(change?.added ?? []).map((fact) => `new: ${title} ${text(fact)}`),
  ];
}

const PAST: Readonly<Record<Exclude<PlanStep["action"], "keep">, string>> = {
  install: "Installed",
  update: "Updated",
  downgrade: "Downgraded",
  reinstall: "Reinstalled",
  remove: "Removed",
  enable: "Enabled",
  disable: "Disabled",
};

/** What was done, in a sentence. */
export function doneText(plan: Plan): string {
  const parts = Object.entries(PAST).flatMap(([action, word]) => {
    const steps = plan.steps.filter((step) => step.action === action);
    const [first] = steps;
    if (first === undefined) return [];
    return [
      `${word} ${steps.length === 1 ? `${first.id} ${first.to ?? first.from ?? ""}`.trimEnd() : counted(steps.length, "plugin")}`,
    ];
  });
  return parts.length === 0 ? "Written down; no plugin had to change" : parts.join(", ");
}
