import { isObject, type Choice, type Person, type Question } from "plugsmith/plugin-api";
import { shownText } from "./listed.ts";

type Answers = (params: unknown, signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;

const DECLINED = { action: "decline" } as const;

/** Puts a server's question to the person when it has no field or one; a longer form is declined. */
export function elicitation(person: Person, server: string): Answers {
  return async (params, signal) => {
    if (!isObject(params) || (params["mode"] ?? "form") !== "form") return DECLINED;
    const schema = isObject(params["requestedSchema"]) ? params["requestedSchema"] : {};
    const fields = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
    const [field] = fields;
    if (fields.length > 1) return DECLINED;
    const [name, property] = field ?? ["", {}];
    const choices = choicesOf(isObject(property) ? property : {});
    const question: Question = {
      kind: "question",
      title: `${server} asks: ${shownText(params["message"], 500)}`,
      detail: name === "" ? [] : [shownText(name, 100)],
      agentPath: [],
      choices: [...choices, { id: "decline", label: "do not answer" }],
      signal,
    };
    const answer = await person.ask(question);
    if (answer === undefined) return { action: "cancel" };
    if (answer.choice === "decline") return DECLINED;
    const value = valueOf(answer.choice, answer.text, isObject(property) ? property : {});
    return { action: "accept", content: name === "" ? {} : { [name]: value } };
  };
}

function choicesOf(property: Readonly<Record<string, unknown>>): readonly Choice[] {
  const values: readonly unknown[] = Array.isArray(property["enum"]) ? property["enum"] : [];
  if (values.length > 0) {
    return values
      .filter((value) => typeof value === "string")
      .map((value, index) => ({ id: `value-${String(index)}`, label: shownText(value, 100) }));
  }
  if (property["type"] === "boolean") {
    return [
      { id: "yes", label: "yes" },
      { id: "no", label: "no" },
    ];
  }
  return [{ id: "answer", label: "answer" }];
}

function valueOf(choice: string, text: string | undefined, property: Readonly<Record<string, unknown>>): unknown {
  if (choice.startsWith("value-") && Array.isArray(property["enum"])) {
    return property["enum"].filter((value) => typeof value === "string")[Number(choice.slice("value-".length))];
  }
  if (property["type"] === "boolean") return choice === "yes";
  if (property["type"] === "number" || property["type"] === "integer") return Number(text);
  return text ?? "";
}
