import type { ServiceCall } from "./messages.ts";
import { toPlain } from "./plain.ts";
import { isRecord } from "../../../schemas/record.ts";

/** Names that the language itself looks for on objects. */
const RESERVED: ReadonlySet<string> = new Set(["constructor", "then", "toJSON", "__proto__"]);

/** Names of the methods of a service, its class's included. */
export function methodsOf(implementation: unknown): readonly string[] {
  const names = new Set<string>();
  for (
    let level: unknown = implementation;
    typeof level === "object" && level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === "function" && !RESERVED.has(name)) names.add(name);
    }
  }
  return [...names];
}

/** An object whose methods are passed to `send`; a `signal` in an argument aborts the call on the other side too. */
export function serviceProxy(
  methods: readonly string[],
  send: (call: ServiceCall, signal: AbortSignal | undefined) => Promise<unknown>,
): Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>> {
  return Object.freeze(
    Object.fromEntries(
      methods
        .filter((method) => !RESERVED.has(method))
        .map((method) => [
          method,
          async (...args: readonly unknown[]) => {
            const at = args.findIndex((arg) => signalOf(arg) !== undefined);
            const plain = args.map((arg) => toPlain(arg) ?? null);
            return send({ method, args: plain, ...(at >= 0 && { signalAt: at }) }, signalOf(args[at]));
          },
        ]),
    ),
  );
}

/** Calls a method of a service for the other side. */
export async function serviceCall(
  implementation: unknown,
  { method, args, signalAt }: ServiceCall,
  signal: AbortSignal,
): Promise<unknown> {
  if (typeof implementation !== "object" || implementation === null || !methodsOf(implementation).includes(method)) {
    throw new Error(`the service has no method \`${method}\``);
  }
  const run: unknown = Reflect.get(implementation, method);
  if (typeof run !== "function") throw new Error(`the service has no method \`${method}\``);
  const given = args.map((arg, index) => (index === signalAt && isRecord(arg) ? { ...arg, signal } : arg));
  return Reflect.apply(run, implementation, given);
}

function signalOf(arg: unknown): AbortSignal | undefined {
  return isRecord(arg) && arg["signal"] instanceof AbortSignal ? arg["signal"] : undefined;
}
