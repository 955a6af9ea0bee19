import type { ScaffoldPart } from "../scaffold-part.ts";

/** A language server of one file, which does one small thing for real. */
export const lsp: ScaffoldPart = {
  files: {
    ".lsp.json": `{
  "repeated-words": {
    "command": "node",
    "args": ["\${CLAUDE_PLUGIN_ROOT}/servers/repeated-words.mjs"],
    "extensionToLanguage": { ".txt": "plaintext" }
  }
}
`,
    "servers/repeated-words.mjs": `// A language server without dependencies: it warns about a word that stands twice in a row in a plain text.
// Most plugins name a server that exists (and that people install); replace this one, or grow it.
const documents = new Map();
let ended = false;

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  process.stdout.write(Buffer.concat([Buffer.from(\`Content-Length: \${body.length}\\r\\n\\r\\n\`), body]));
}

function diagnosticsOf(text) {
  return text.split(/\\r?\\n/).flatMap((line, number) =>
    [...line.matchAll(/(?<![\\p{L}\\p{N}_])(\\p{L}+)\\s+\\1(?![\\p{L}\\p{N}_])/giu)].map((found) => ({
      range: {
        start: { line: number, character: found.index },
        end: { line: number, character: found.index + found[0].length },
      },
      severity: 2,
      source: "repeated-words",
      message: \`"\${found[1]}" stands twice\`,
    })),
  );
}

function publish(uri) {
  const text = documents.get(uri);
  const diagnostics = text === undefined ? [] : diagnosticsOf(text);
  send({ method: "textDocument/publishDiagnostics", params: { uri, diagnostics } });
}

const REQUESTS = {
  initialize: () => ({
    capabilities: { textDocumentSync: { openClose: true, change: 1 } },
    serverInfo: { name: "repeated-words", version: "0.1.0" },
  }),
  shutdown: () => {
    ended = true;
    return null;
  },
};

const NOTIFICATIONS = {
  "textDocument/didOpen": ({ textDocument: { uri, text } }) => {
    documents.set(uri, text);
    publish(uri);
  },
  // The whole text, as \`change: 1\` asks for.
  "textDocument/didChange": ({ textDocument: { uri }, contentChanges }) => {
    documents.set(uri, contentChanges.at(-1).text);
    publish(uri);
  },
  "textDocument/didClose": ({ textDocument: { uri } }) => {
    documents.delete(uri);
    publish(uri);
  },
  exit: () => process.exit(ended ? 0 : 1),
};

function receive({ id, method, params }) {
  if (id === undefined) return void NOTIFICATIONS[method]?.(params);
  if (method === undefined) return;
  if (Object.hasOwn(REQUESTS, method)) send({ id, result: REQUESTS[method](params) });
  else send({ id, error: { code: -32601, message: \`there is no method \${method}\` } });
}

let pending = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  pending = Buffer.concat([pending, chunk]);
  for (let end = pending.indexOf("\\r\\n\\r\\n"); end >= 0; end = pending.indexOf("\\r\\n\\r\\n")) {
    const length = Number(/Content-Length: (\\d+)/i.exec(pending.toString("latin1", 0, end))?.[1]);
    if (pending.length < end + 4 + length) break;
    receive(JSON.parse(pending.toString("utf8", end + 4, end + 4 + length)));
    pending = pending.subarray(end + 4 + length);
  }
}
`,
  },
  cases: [],
  readme:
    "a language server, `repeated-words`, that warns about a word written twice in a `.txt` file; it is an example to replace",
};
