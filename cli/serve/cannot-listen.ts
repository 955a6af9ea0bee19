import { CodedError } from "../../schemas/errors.ts";

/** Why a server on loopback does not come up. */
export function cannotListen(port: number, error: unknown): CodedError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const why = code === "EADDRINUSE" ? "another program has it" : error instanceof Error ? error.message : String(error);
  return new CodedError("E_NETWORK", `port ${String(port)} of 127.0.0.1 cannot be served: ${why}`, {
    hint: "name another with `--port`, or none to get a free one",
    cause: error,
  });
}
