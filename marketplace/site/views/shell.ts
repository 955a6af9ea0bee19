import { h, type ComponentChildren, type JSX } from "preact";
import type { SiteLinks } from "./links.ts";

/**
 * What a page may load and do: its own files, nothing else, and no text becomes code. `frame-ancestors` counts in a header only.
 */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/** What surrounds the content of every page. */
export interface ShellProps {
  readonly title: string;
  readonly description?: string | undefined;
  /** Name of the site, which links to its front page. */
  readonly brand: string;
  readonly links: SiteLinks;
  /** Absolute address of the page, where that is known. */
  readonly canonical?: string | undefined;
  readonly scripts: readonly string[];
  /** The page's own links in the header. */
  readonly navigation?: readonly { readonly label: string; readonly href: string; readonly current: boolean }[];
  /** A search field in the header that leads to the front page. */
  readonly withSearch: boolean;
  readonly footer: ComponentChildren;
  /** Attributes of the body for scripts. */
  readonly data?: Readonly<Record<`data-${string}`, string>>;
  readonly children?: ComponentChildren;
}

/** A whole page. */
export function Shell(props: ShellProps): JSX.Element {
  const { title, description, links, canonical, scripts, data, children, footer } = props;
  return h("html", { lang: "en" }, [
    h("head", null, [
      h("meta", { charset: "utf-8" }),
      h("meta", { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY }),
      h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      h("meta", { name: "color-scheme", content: "light dark" }),
      h("meta", { name: "referrer", content: "no-referrer" }),
      h("title", null, title),
      description === undefined || description === "" ? null : h("meta", { name: "description", content: description }),
      canonical === undefined ? null : h("link", { rel: "canonical", href: canonical }),
      h("link", { rel: "icon", type: "image/svg+xml", href: links.asset("icon.svg") }),
      h("link", { rel: "stylesheet", href: links.asset("style.css") }),
      scripts.map((file) => h("script", { defer: true, src: links.asset(file) })),
    ]),
    h("body", { ...data }, [
      h("a", { class: "skip", href: "#main" }, "Skip to the content"),
      h(Header, props),
      h("main", { id: "main", tabindex: -1 }, children),
      h("footer", { class: "foot" }, h("div", { class: "wide" }, footer)),
    ]),
  ]);
}

function Header({ brand, links, navigation = [], withSearch }: ShellProps): JSX.Element {
  return h(
    "header",
    { class: "head" },
    h("div", { class: "wide head-row" }, [
      h("a", { class: "brand", href: links.front }, [h(Mark, null), h("span", null, brand)]),
      navigation.length === 0
        ? null
        : h(
            "nav",
            { class: "head-nav", "aria-label": "Views" },
            navigation.map(({ label, href, current }) =>
              h("a", { href, ...(current ? { "aria-current": "page" as const } : {}) }, label),
            ),
          ),
      withSearch
        ? h("form", { class: "head-search", role: "search", action: links.front, method: "get" }, [
            h("input", {
              type: "search",
              name: "q",
              "aria-label": "Search plugins",
              placeholder: "Search plugins",
              autocomplete: "off",
              spellcheck: false,
            }),
          ])
        : null,
    ]),
  );
}

/** The mark of the program: a plug and a hammer's edge. */
function Mark(): JSX.Element {
  return h("svg", { class: "mark", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, [
    h("path", { d: "M7 2v5M13 2v5M4 7h12v4a6 6 0 0 1-5 5.9V22H9v-5.1A6 6 0 0 1 4 11z" }),
    h("path", { class: "mark-spark", d: "M19 3v4M17 5h4" }),
  ]);
}
