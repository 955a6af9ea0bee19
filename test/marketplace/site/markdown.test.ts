import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../../../marketplace/site/markdown.ts";

const HOSTILE: readonly string[] = [
  "<script>globalThis.pwned = 1</script>",
  "<img src=x onerror=alert(1)>",
  "![x](javascript:alert(1))",
  "![x](https://example.com/pixel.png)",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:x)",
  "[x](//example.com/y)",
  "<a href=' javascript:alert(1)'>x</a>",
  "<a href='java\nscript:alert(1)'>x</a>",
  "<svg><script>alert(1)</script><style>*{}</style></svg>",
  "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<form action=https://example.com><input name=a></form>",
  "<style>body{display:none}</style>",
  "<link rel=stylesheet href=https://example.com/a.css>",
  "<meta http-equiv=refresh content='0;url=https://example.com'>",
  "<base href=https://example.com/>",
  "<object data=https://example.com/a.swf></object><embed src=x>",
  "<video src=https://example.com/v.mp4 autoplay></video>",
  "<p style='background:url(https://example.com/a)' onclick=alert(1) id=main class=skip>x</p>",
  "<span class='hidden badge'>x</span>",
  "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
  "<!--[if IE]><script>alert(1)</script><![endif]-->",
  "<details ontoggle=alert(1) open>x</details>",
  "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
  "```html\n</code></pre><script>alert(1)</script>\n```",
  "<a href='https://user:secret@example.com/'>x</a>",
];

describe("a readme of a foreigner", () => {
  it.each(HOSTILE)("becomes nothing that runs or loads: %s", (markdown) => {
    const html = renderMarkdown(markdown);
    const tags = [...html.matchAll(/<([a-z][\w-]*)((?:\s[^>]*)?)>/giu)];
    for (const [, tag = "", attributes = ""] of tags) {
      expect(tag).not.toMatch(
        /^(?:script|style|img|svg|math|iframe|form|input|link|meta|base|object|embed|video|noscript)$/iu,
      );
      const names = [...attributes.matchAll(/([\w-]+)\s*=/gu)].map(([, name]) => name);
      expect(
        names.filter((name) => !["href", "rel", "open", "tabindex", "align", "class"].includes(name ?? "")),
      ).toEqual([]);
      const href = /href="([^"]*)"/u.exec(attributes)?.[1];
      if (href !== undefined) expect(href).toMatch(/^(?:https?:|mailto:)/u);
      const classes = /class="([^"]*)"/u.exec(attributes)?.[1];
      if (classes !== undefined) expect(classes).toMatch(/^(?:picture)?$/u);
    }
  });

  it("keeps what readmes are made of, with headings below those of the page", () => {
    const html = renderMarkdown(
      "# One\n\n## Two\n\n- a **b** `c`\n\n[link](https://example.com/x)\n\n![a cat](cat.png)\n",
    );
    expect(html).toContain("<h3>One</h3>");
    expect(html).toContain("<h4>Two</h4>");
    expect(html).toContain("<strong>b</strong>");
    expect(html).toContain('<a href="https://example.com/x" rel="nofollow ugc noopener noreferrer">link</a>');
    expect(html).toContain('<span class="picture">a cat</span>');
  });

  it("shows characters that turn or hide text", () => {
    expect(renderMarkdown("a\u202eb\u0007c\u200bd")).toContain(String.raw`a\u{202e}b\u{7}c\u{200b}d`);
  });
});
