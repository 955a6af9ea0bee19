import { startCopyButtons } from "../../../marketplace/site/browser/copy-buttons.ts";
import { startSearch } from "../../../marketplace/site/browser/search-page.ts";
import type { ChangeOrder } from "../change-event.ts";
import { ChangeDialog } from "./change-dialog.ts";
import { currentGeneration } from "./wire.ts";

/** How often a page that is seen asks whether a terminal has changed something, or has ended the server. */
const LOOK_EVERY_MS = 4000;

startSearch((id) => `/p/${encodeURIComponent(id)}`);
startCopyButtons();

const element = document.querySelector<HTMLDialogElement>("#change");
if (element !== null) startChanges(element);

function startChanges(element: HTMLDialogElement): void {
  const others = new BroadcastChannel("plugsmith-changes");
  let isGone = false;
  const look = async (): Promise<void> => {
    if (document.hidden || isGone) return;
    const generation = await currentGeneration();
    isGone = generation === undefined;
    follow(generation, dialog);
  };
  const whenChanged = (generation: number): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target
    others.postMessage(generation);
    location.reload();
  };
  const dialog = new ChangeDialog(element, whenChanged, () => void look());
  others.addEventListener("message", ({ data }) => {
    if (typeof data === "number") follow(data, dialog);
  });
  document.addEventListener("visibilitychange", () => void look());
  setInterval(() => void look(), LOOK_EVERY_MS);
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLButtonElement>("button[data-order]") : null;
    if (button === null) return;
    // Made by our own server.
    const order = JSON.parse(button.dataset["order"] ?? "") as ChangeOrder;
    void dialog.start(order, button.dataset["about"] ?? "Change");
  });
}

/** Shows what another tab, or a terminal, has changed: at once, or when the change that is shown here is over. */
function follow(generation: number | undefined, dialog: ChangeDialog): void {
  if (generation !== undefined && String(generation) === document.body.dataset["generation"]) return;
  const note = document.querySelector<HTMLElement>("#stale");
  if (generation !== undefined && !dialog.isOpen) location.reload();
  else if (note !== null) {
    note.textContent =
      generation === undefined
        ? "The server is gone: start `plugin ui` again."
        : "Something else has changed what is installed; this page shows what was before.";
    note.hidden = false;
  }
}
