import { h, type ComponentChildren, type JSX } from "preact";
import type { ChangeOrder } from "../change-event.ts";

/** A button that asks for a change; the script of the page reads the order from it. */
export function OrderButton({
  order,
  label,
  about,
  kind = "",
}: {
  readonly order: ChangeOrder;
  readonly label: string;
  /** What the change is about, for those who hear the button without its surroundings. */
  readonly about: string;
  readonly kind?: "" | "first" | "danger" | undefined;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return h(
    "button",
    {
      type: "button",
      class: `button ${kind}`.trim(),
      "data-order": JSON.stringify(order),
      "data-about": `${label} ${about}`,
    },
    [label, h("span", { class: "hidden" }, ` ${about}`)],
  );
}
