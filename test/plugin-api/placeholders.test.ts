import { describe, expect, it } from "vitest";
import { fillPlaceholders, mentionedOptions, optionText } from "../../plugin-api/index.ts";

const options = { city: "Bonn", empty: "", tricky: "${ROOT} ${user_config.city}" };
const variables = { ROOT: "/plugin", EMPTY: "" };

interface Case {
  readonly text: string;
  readonly filled: string;
  readonly defaults?: boolean;
  readonly missing?: readonly string[];
}

const CASES: readonly Case[] = [
  { text: "${ROOT}/bin ${user_config.city}", filled: "/plugin/bin Bonn" },
  { text: "${user_config.tricky}", filled: "${ROOT} ${user_config.city}" },
  { text: "${user_config.none} ${NONE}", filled: "${user_config.none} ${NONE}", missing: ["user_config.none", "NONE"] },
  {
    text: "${constructor} ${user_config.toString}",
    filled: "${constructor} ${user_config.toString}",
    missing: ["constructor", "user_config.toString"],
  },
  // No key of an option, so no placeholder.
  {
    text: "${user_config.my-key} ${user_config.1st} $ROOT ${ROOT",
    filled: "${user_config.my-key} ${user_config.1st} $ROOT ${ROOT",
  },
  { text: "${NONE:-x} ${ROOT:-x} ${user_config.none:-x}", filled: "${NONE:-x} ${ROOT:-x} ${user_config.none:-x}" },
  { text: "${NONE:-x} ${ROOT:-x} ${EMPTY:-x}|${EMPTY}|", filled: "x /plugin x||", defaults: true },
  { text: "${user_config.none:-x} ${user_config.empty:-x}|${user_config.empty}|", filled: "x x||", defaults: true },
];

describe("placeholders", () => {
  it.each(CASES)("MF07: in $text", ({ text, filled, defaults, missing = [] }) => {
    const lacking: string[] = [];
    const values = { options, variables, defaults, missing: (name: string) => void lacking.push(name) };
    expect([fillPlaceholders(text, values), lacking]).toEqual([filled, missing]);
  });

  it("name the options that texts mention", () => {
    expect([...mentionedOptions(["${user_config.a} ${A}", "${user_config.b:-x} ${user_config.a}"])]).toEqual([
      "a",
      "b",
    ]);
  });

  it("hold lists joined by commas", () => {
    expect([optionText(["a", "b"]), optionText(3), optionText(true), optionText("x")]).toEqual([
      "a,b",
      "3",
      "true",
      "x",
    ]);
  });
});
