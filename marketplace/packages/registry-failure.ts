import { CodedError } from "../../schemas/errors.ts";

/** Why a registry did not give something, e.g. `the package …`: what the client threw, in the terms of a person. */
export function registryFailure(error: unknown, address: string, what: string): CodedError {
  const { host, protocol } = new URL(address);
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (status === 401 || status === 403) {
    return new CodedError("E_AUTH", `\`${host}\` does not let you have ${what} (${status})`, {
      hint: `\`npm login --registry=${protocol}//${host}\`, or write its token into your own \`.npmrc\``,
      cause: error,
    });
  }
  const why = typeof status === "number" ? `answered ${status}` : `could not be reached: ${messageOf(error)}`;
  return new CodedError("E_NETWORK", `${what} was not fetched, \`${host}\` ${why}`, {
    hint:
      status === 404
        ? "check name and version, and whether your registry has it"
        : "try again later; `--offline` uses what is here",
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
