/** Thrown where trying again changes nothing: a person has to configure, allow or sign in first. */
export class Unready extends Error {
  override readonly name: string = "Unready";
}

/** Thrown where a person has to sign in first. */
export class SignInNeeded extends Unready {
  override readonly name = "SignInNeeded";
}

/** Nobody answered at an address, which may come right by itself. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.message === "fetch failed";
}
