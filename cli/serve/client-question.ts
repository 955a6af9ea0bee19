import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { Answer, Question } from "../../plugin-api/services/person.ts";

/** A person takes their time; timers hold no more. */
const NO_LIMIT_MS = 2_147_483_647;

/**
 * Puts a question to the person behind an MCP client as a form with one choice; a refusal of the form answers nothing. Over HTTP it
 * goes along with the answer to the request that it is about.
 */
export async function askThrough(server: Server, question: Question, about: RequestId | undefined): Promise<Answer> {
  const { title, detail, agentPath, choices, signal } = question;
  const asking = agentPath.length === 0 ? [] : [`asked by ${agentPath.join(" / ")}`];
  const answer = await server.elicitInput(
    {
      mode: "form",
      message: [title, ...asking, ...detail].join("\n"),
      requestedSchema: {
        type: "object",
        properties: {
          choice: {
            type: "string",
            title: "answer",
            oneOf: choices.map(({ id, label }) => ({ const: id, title: label })),
          },
        },
        required: ["choice"],
      },
    },
    { signal, timeout: NO_LIMIT_MS, ...(about !== undefined && { relatedRequestId: about }) },
  );
  const choice = answer.action === "accept" ? answer.content?.["choice"] : undefined;
  return choices.some(({ id }) => id === choice) ? { choice: String(choice) } : undefined;
}
