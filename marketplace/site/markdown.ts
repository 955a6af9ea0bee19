import { Marked } from "marked";
import sanitizeHtml from "sanitize-html";
import { linkable, visibleLines } from "./visible-text.ts";

/** Longer readmes are cut. */
const MAX_CHARACTERS = 100_000;

const TAGS: string[] =
  "h3 h4 h5 h6 p br hr blockquote pre code kbd samp ul ol li dl dt dd strong em b i s del ins sub sup a span details summary table thead tbody tr th td".split(
    " ",
  );

const marked = new Marked({ gfm: true, async: false });

/**
 * Markdown of a foreigner as HTML that runs nothing and loads nothing: no script, style, form, frame or picture, links to http,
 * https and mail only. Headings start two levels lower, below those of the page; a picture is its alternative text.
 */
export function renderMarkdown(markdown: string): string {
  const text = visibleLines(markdown.slice(0, MAX_CHARACTERS)).replace(/^---\n[^]*?\n---\n/u, "");
  const html = marked.parse(text, { async: false });
  return sanitizeHtml(html, {
    allowedTags: TAGS,
    allowedAttributes: {
      a: ["href", "rel"],
      ol: ["start"],
      th: ["align"],
      td: ["align"],
      details: ["open"],
      pre: ["tabindex"],
      span: ["class"],
    },
    allowedClasses: { span: ["picture"] },
    allowedSchemes: ["http", "https", "mailto"],
    allowProtocolRelative: false,
    parseStyleAttributes: false,
    transformTags: {
      h1: "h3",
      h2: "h4",
      h3: "h5",
      h4: "h6",
      h5: "h6",
      pre: (tagName) => ({ tagName, attribs: { tabindex: "0" } }),
      img: (_tag, { alt = "" }) => ({ tagName: "span", attribs: { class: "picture" }, text: pictureText(alt) }),
      a: (tagName, { href = "" }) => {
        const url = href.startsWith("mailto:") ? href : linkable(href);
        return { tagName, attribs: url === undefined ? {} : { href: url, rel: "nofollow ugc noopener noreferrer" } };
      },
    },
    exclusiveFilter: ({ tag, text: content }) => tag === "a" && content.trim() === "",
  });
}

const pictureText = (alt: string): string => (alt.trim() === "" ? "picture" : alt);
