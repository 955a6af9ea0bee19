// A Model Context Protocol server over stdio in plain JavaScript: one JSON message a line, no dependencies.
import { execFile } from "node:child_process";
import { createInterface } from "node:readline";

const LIMIT = 200;

const TOOLS = [
  {
    name: "newest_tags",
    description: "The newest tags of the repository in the working directory, newest first",
    inputSchema: { type: "object", properties: { count: { type: "integer", minimum: 1, maximum: LIMIT } } },
  },
  {
    name: "commits_since",
    description: "Subjects of the commits since a tag, newest first",
    inputSchema: { type: "object", properties: { tag: { type: "string" } }, required: ["tag"] },
  },
];

/** Runs git with an argument list; nothing passes through a shell. */
function git(args) {
  return new Promise((resolve, reject) => {
    execFile("git", args, { maxBuffer: 4_000_000, timeout: 10_000 }, (error, stdout) => {
      if (error === null) resolve(stdout.trimEnd());
      else reject(error);
    });
  });
}

async function call(name, input) {
  if (name === "newest_tags") {
    const count = Number.isInteger(input.count) ? Math.min(Math.max(input.count, 1), LIMIT) : 10;
    return git(["for-each-ref", "--sort=-creatordate", `--count=${count}`, "--format=%(refname:short)", "refs/tags"]);
  }
  if (name === "commits_since") {
    if (typeof input.tag !== "string" || !/^[\w][\w./+-]*$/u.test(input.tag))
      throw new Error("`tag` is not the name of a tag");
    return git(["log", `--max-count=${LIMIT}`, "--format=%h %s", `refs/tags/${input.tag}..HEAD`, "--"]);
  }
  throw new Error(`there is no tool \`${name}\``);
}

async function answer({ method, params = {} }) {
  if (method === "initialize") {
    return {
      protocolVersion: params.protocolVersion ?? "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "git-facts", version: "1.2.0" },
    };
  }
  if (method === "ping") return {};
  if (method === "tools/list") return { tools: TOOLS };
  if (method === "tools/call") {
    try {
      return { content: [{ type: "text", text: await call(params.name, params.arguments ?? {}) }] };
    } catch (error) {
      return { content: [{ type: "text", text: String(error.message) }], isError: true };
    }
  }
  return undefined;
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  let request;
  try {
    request = JSON.parse(line);
  } catch {
    send({ id: null, error: { code: -32700, message: "not JSON" } });
    return;
  }
  if (request.id === undefined) return;
  const result = await answer(request);
  if (result === undefined) send({ id: request.id, error: { code: -32601, message: `no method ${request.method}` } });
  else send({ id: request.id, result });
});
