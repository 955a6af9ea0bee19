import { h, type JSX } from "preact";
import { NODE_SIZE, type GraphLayout, type GraphNode } from "../graph-layout.ts";
import { counted } from "./kinds.ts";

/** The graph of needs as a picture whose nodes are links, and as a list for those who do not see it. */
export function GraphPicture({
  layout,
  linkOf,
}: {
  readonly layout: GraphLayout;
  /** `undefined` for a plugin that has no page here. */
  readonly linkOf: (id: string) => string | undefined;
}): JSX.Element {
  const { width, height, nodes, edges, more } = layout;
  return h("figure", { class: "graph" }, [
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Picture of the graph" },
      h("svg", { viewBox: `0 0 ${String(width)} ${String(height)}`, width, height, role: "group" }, [
        h("title", null, "What needs what"),
        edges.map((edge) =>
          h("g", { class: "edge" }, [
            h("title", null, `${edge.from} needs ${edge.to} ${edge.range}`),
            h("path", { d: edge.path }),
          ]),
        ),
        nodes.map((node) => h(Node, { key: node.id, node, href: linkOf(node.id) })),
      ]),
    ),
    h("figcaption", null, [
      edges.map(({ from, to, range }) => `${short(from)} needs ${short(to)} ${range}`).join(" · "),
      more === 0 ? null : ` and ${counted(more, "more plugin")}`,
    ]),
  ]);
}

const short = (id: string): string => id.slice(0, id.lastIndexOf("@"));

const MAX_LABEL = 21;

function Node({ node, href }: { readonly node: GraphNode; readonly href: string | undefined }): JSX.Element {
  const { id, x, y, isSubject } = node;
  const name = short(id);
  const label = name.length > MAX_LABEL ? `${name.slice(0, MAX_LABEL - 1)}…` : name;
  const shape = [
    h("title", null, id),
    h("rect", { x, y, width: NODE_SIZE.width, height: NODE_SIZE.height, rx: 8 }),
    h("text", { x: x + NODE_SIZE.width / 2, y: y + NODE_SIZE.height / 2 + 4.5, "text-anchor": "middle" }, label),
  ];
  const kind = isSubject ? "node subject" : "node";
  if (href === undefined || isSubject) return h("g", { class: href === undefined ? `${kind} elsewhere` : kind }, shape);
  return h("a", { class: kind, href, "aria-label": name }, shape);
}
