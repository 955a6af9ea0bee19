import { h, render, type JSX } from "preact";
import type { Answer, ChangeEvent, ChangeOrder } from "../change-event.ts";
import { ConsentView, doneText, PlanView } from "../views/plan-view.ts";
import { sendAnswer, sendOrder } from "./wire.ts";

/** What the dialog shows. */
type Scene =
  | { readonly kind: "working"; readonly message: string }
  | Extract<ChangeEvent, { readonly kind: "plan" | "consent" | "done" | "failed" }>;

/** Takes one change from the order to its end, in the dialog of the page. */
export class ChangeDialog {
  readonly #dialog: HTMLDialogElement;
  readonly #onChanged: (generation: number) => void;
  readonly #onLeft: () => void;
  #left = new AbortController();
  #title = "";
  #remarks: string[] = [];
  #scene: Scene = { kind: "working", message: "" };

  /** When its dialog is closed, `onChanged` is called for a change that was made, `onLeft` for every other one. */
  constructor(dialog: HTMLDialogElement, onChanged: (generation: number) => void, onLeft: () => void) {
    this.#dialog = dialog;
    this.#onChanged = onChanged;
    this.#onLeft = onLeft;
    dialog.addEventListener("close", () => {
      this.#left.abort();
      const scene = this.#scene;
      if (scene.kind === "done" && scene.outcome === "done") this.#onChanged(scene.generation);
      else this.#onLeft();
    });
  }

  /** Whether a change is shown. */
  get isOpen(): boolean {
    return this.#dialog.open;
  }

  /** Starts a change and shows it. */
  async start(order: ChangeOrder, title: string): Promise<void> {
    this.#left = new AbortController();
    this.#title = title;
    this.#remarks = [];
    this.#show({ kind: "working", message: "Working out what would change" });
    this.#dialog.showModal();
    const { signal } = this.#left;
    try {
      await sendOrder(order, (event) => this.#take(event), signal);
      if (this.#scene.kind === "working") throw new Error("the server ended before the change was over");
    } catch (error) {
      if (signal.aborted) return;
      this.#show({
        kind: "failed",
        code: "",
        // A stream that breaks off has words of the browser only.
        message: error instanceof TypeError ? "the server ended before the change was over" : textOf(error),
        hint: "see whether `plugin ui` still runs in its terminal; what it began there it ends or undoes",
      });
    }
  }

  #take(event: ChangeEvent): void {
    switch (event.kind) {
      case "remark":
        this.#remarks.push(event.message);
        return;
      case "progress":
        if (this.#scene.kind === "working") this.#show({ kind: "working", message: event.message });
        return;
      default:
        this.#show(event);
    }
  }

  #show(scene: Scene): void {
    this.#scene = scene;
    render(
      h("div", { class: "change-box" }, [
        h("h2", { id: "change-title", tabindex: -1 }, this.#title),
        h("div", { class: "change-body", key: scene.kind }, this.#body(scene)),
        h("div", { class: "change-buttons", key: `${scene.kind} buttons` }, this.#buttons(scene)),
      ]),
      this.#dialog,
    );
    // A yes is never where the key that answered the last question already is.
    if (this.#dialog.open) this.#dialog.querySelector<HTMLElement>("[data-first]")?.focus();
  }

  #body(scene: Scene): JSX.Element {
    switch (scene.kind) {
      case "working":
        return h("p", { class: "working", role: "status" }, [
          h("span", { class: "spinner", "aria-hidden": "true" }),
          scene.message,
        ]);
      case "plan":
        return h(PlanView, { plan: scene.plan, codeMode: scene.codeMode });
      case "consent":
        return h("div", { class: "stack" }, [
          h("p", { class: "problem warn", role: "status" }, `${scene.reason}.`),
          h(ConsentView, { items: scene.items, digest: scene.digest }),
        ]);
      case "done":
        return h("div", { class: "stack", role: "status" }, [
          h("p", { class: scene.outcome === "done" ? "calm" : "" }, outcomeText(scene)),
          scene.outcome === "dry-run" ? h(PlanView, { plan: scene.plan }) : null,
          this.#remarks.map((remark) => h("p", { class: "note" }, remark)),
        ]);
      case "failed":
        return h("div", { class: "stack", role: "alert" }, [
          h("p", { class: "problem message" }, scene.message),
          scene.hint === undefined ? null : h("p", { class: "note message" }, scene.hint),
          scene.code === "" ? null : h("p", { class: "note" }, h("code", null, scene.code)),
        ]);
    }
  }

  #buttons(scene: Scene): readonly JSX.Element[] {
    const button = (label: string, kind: string, isFirst: boolean, onClick: () => void): JSX.Element =>
      h(
        "button",
        { type: "button", class: `button ${kind}`, onClick, ...(isFirst ? { "data-first": "" } : {}) },
        label,
      );
    const close = (): void => this.#dialog.close();
    switch (scene.kind) {
      case "working":
        return [button("Cancel", "", true, close)];
      case "plan":
        return [
          button("Cancel", "", true, () => this.#answer({ question: scene.question, yes: false })),
          button("Go ahead", "first", false, () => this.#answer({ question: scene.question, yes: true })),
        ];
      case "consent": {
        const { question, digest } = scene;
        return [
          button("No", "", true, () => this.#answer({ question, yes: false })),
          button("Yes, it may run exactly this", "consents", false, () =>
            this.#answer({ question, yes: true, digest }),
          ),
        ];
      }
      default:
        return [button("Close", "", true, close)];
    }
  }

  #answer(answer: Answer): void {
    this.#show({ kind: "working", message: answer.yes ? "Working" : "Leaving everything as it was" });
    sendAnswer(answer).catch((error: unknown) => {
      if (this.#scene.kind !== "working") return;
      this.#show({ kind: "failed", code: "", message: textOf(error) });
    });
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function outcomeText({ outcome, plan, generation }: Extract<ChangeEvent, { readonly kind: "done" }>): string {
  switch (outcome) {
    case "done":
      return `${doneText(plan)}. This is generation ${String(generation)}.`;
    case "nothing":
      return [...plan.notes, "Nothing to do, everything is as asked."].join(" ");
    case "dry-run":
      return "A dry run: nothing was changed.";
    case "declined":
      return "Not done, nothing was changed.";
  }
}
