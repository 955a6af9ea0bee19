import type { Answer, ChangeEvent, ChangeOrder } from "../change-event.ts";

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-plugsmith-token": document.body.dataset["token"] ?? "" },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw new Error("the server does not answer", { cause: error });
  }
}

/** Sends an order; `tell` gets every event until it is over. Throws when the server cannot be reached or refuses. */
export async function sendOrder(
  order: ChangeOrder,
  tell: (event: ChangeEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await post("/api/changes", order, signal);
  if (!response.ok || response.body === null) throw new Error(await refusalText(response));
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    // Written by our own server, a line an event.
    for (const line of lines) if (line !== "") tell(JSON.parse(line) as ChangeEvent);
  }
}

/** Sends what the person answered. Throws when it did not arrive. */
export async function sendAnswer(answer: Answer): Promise<void> {
  const response = await post("/api/answers", answer);
  if (!response.ok) throw new Error(await refusalText(response));
}

/** The generation that the machine runs now; `undefined` when the server is gone. */
export async function currentGeneration(): Promise<number | undefined> {
  try {
    const response = await fetch("/api/generation");
    if (!response.ok) return undefined;
    const { generation } = (await response.json()) as { readonly generation: number };
    return generation;
  } catch {
    // Not reachable: the same to the reader of a page as gone.
    return undefined;
  }
}

async function refusalText(response: Response): Promise<string> {
  // Every refusal of our server has a message.
  const { message } = (await response.json()) as { readonly message?: string };
  return message ?? `the server answered ${String(response.status)}`;
}
