/** Shows the copy buttons, where the browser can copy, and makes them work. */
export function startCopyButtons(): void {
  // Absent on plain http of another machine, and the types do not say so.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (clipboard === undefined) return;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    const label = button.firstChild;
    button.addEventListener("click", () => {
      clipboard.writeText(button.dataset["copy"] ?? "").then(
        () => tell("Copied"),
        () => tell("Not copied"),
      );
    });
    const tell = (text: string): void => {
      if (label !== null) label.textContent = text;
      setTimeout(() => {
        if (label !== null) label.textContent = "Copy";
      }, 2_000);
    };
  }
}
