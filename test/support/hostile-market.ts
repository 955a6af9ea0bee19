/** What a hostile author would like to run; it sets `globalThis.pwned`. */
const SCRIPT = "<script>globalThis.pwned=1</script>";
/** The same in an attribute, and with characters that turn and hide text. */
const NASTY = `"'><img src=x onerror="globalThis.pwned=1">${SCRIPT}\u202eevil\u0007\u200b\${globalThis.pwned=1}`;
const LINK = "javascript:globalThis.pwned=1";

/** A readme that tries everything. */
const README = `# ${NASTY}

[a](${LINK}) ![b](${LINK}) <a href="${LINK}">c</a> <svg onload="globalThis.pwned=1"></svg>
<iframe srcdoc="${SCRIPT.replaceAll('"', "'")}"></iframe> <form action="https://evil.example/"><button>d</button></form>
<img src="https://evil.example/pixel.png"> <link rel="stylesheet" href="https://evil.example/a.css">
<meta http-equiv="refresh" content="0;url=https://evil.example/"> <base href="https://evil.example/">

\`\`\`html
</code></pre>${SCRIPT}
\`\`\`
`;

/** The files of a marketplace with a script in every field that takes text. */
export function hostileMarket(): Readonly<Record<string, string>> {
  const author = { name: NASTY, email: NASTY, url: LINK };
  const hook = { hooks: [{ type: "command", command: NASTY }], matcher: NASTY };
  return {
    ".claude-plugin/marketplace.json": JSON.stringify({
      name: "hostile",
      owner: author,
      metadata: { description: NASTY, version: NASTY },
      plugins: [
        {
          name: "nasty",
          source: "./nasty",
          description: NASTY,
          displayName: NASTY,
          category: NASTY,
          tags: [NASTY, "</title>"],
          homepage: LINK,
          repository: LINK,
          author,
        },
        { name: "gone", source: "./gone", description: NASTY, category: "b" },
        { name: "__proto__x", source: `./${SCRIPT}` },
      ],
    }),
    "nasty/.claude-plugin/plugin.json": JSON.stringify({
      name: "nasty",
      version: "1.0.0",
      displayName: NASTY,
      description: NASTY,
      author,
      homepage: LINK,
      repository: LINK,
      license: NASTY,
      keywords: [NASTY],
      dependencies: [{ name: "needed", version: "^1.0.0" }],
    }),
    "nasty/README.md": README,
    "nasty/hooks/hooks.json": JSON.stringify({ hooks: { PreToolUse: [hook] } }),
    "nasty/.mcp.json": JSON.stringify({
      mcpServers: { [NASTY]: { command: NASTY, args: [NASTY], env: { A: NASTY } } },
    }),
    [`nasty/skills/x/SKILL.md`]: `---\nname: x\ndescription: ${JSON.stringify(NASTY)}\n---\n\n${README}`,
    [`nasty/commands/y.md`]: `---\ndescription: ${JSON.stringify(NASTY)}\n---\n\n!\`${NASTY.replaceAll("`", "")}\`\n`,
  };
}
