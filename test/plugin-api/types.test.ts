import { describe, expectTypeOf, it } from "vitest";
import {
  defineGuardedPoint,
  definePoint,
  defineService,
  defineTool,
  firstEvent,
  gateEvent,
  observeEvent,
  transformEvent,
  type Contributed,
  type GateResult,
  type GuardedHandle,
  type PluginContext,
  type PointReader,
  type Tool,
} from "../../plugin-api/index.ts";

const seen = observeEvent<{ readonly file: string }>("a@b/seen");
const changed = transformEvent<readonly string[]>("a@b/changed");
const asked = firstEvent<string, number>("a@b/asked");
const decided = gateEvent<{ readonly name: string }>("a@b/decided");
const plain = definePoint<{ readonly word: string }>("a@b/plain");
const guarded = defineGuardedPoint<{ readonly name: string }, { readonly n: number }, number>("a@b/guarded");
const clock = defineService<{ now(): number }>("a@b/clock");

/** What an author writes against; only its types count here. */
function author(context: PluginContext) {
  return {
    seen: () => context.emit(seen, { file: "x" }),
    changed: () => context.emit(changed, []),
    asked: () => context.emit(asked, "q"),
    decided: () => context.emit(decided, { name: "n" }),
    plain: () => context.read(plain),
    guarded: () => context.read(guarded),
    clock: () => context.use(clock),
    perhaps: () => context.find(clock),
  };
}

type Author = ReturnType<typeof author>;

describe("the types of the plugin interface", () => {
  it("follow the kind of an event to its outcome", () => {
    expectTypeOf<Awaited<ReturnType<Author["seen"]>>>().toEqualTypeOf<undefined>();
    expectTypeOf<Awaited<ReturnType<Author["changed"]>>>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Awaited<ReturnType<Author["asked"]>>>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Awaited<ReturnType<Author["decided"]>>>().toEqualTypeOf<GateResult>();
  });

  it("follow an event to what its listeners take and give", () => {
    const listen = (context: PluginContext): void => {
      context.listen(changed, (list) => {
        expectTypeOf(list).toEqualTypeOf<readonly string[]>();
        return [...list, "more"];
      });
      context.listen(decided, ({ name }) => ({ decision: name === "" ? "deny" : "pass" }));
      context.listen(asked, (text) => (text === "" ? undefined : text.length));
    };
    expectTypeOf(listen).returns.toBeVoid();
  });

  it("hand out values at plain points and handles at guarded ones", () => {
    expectTypeOf<Awaited<ReturnType<Author["plain"]>>>().toEqualTypeOf<
      PointReader<Contributed<{ readonly word: string }>>
    >();
    expectTypeOf<Awaited<ReturnType<Author["guarded"]>>>().toEqualTypeOf<
      PointReader<GuardedHandle<{ readonly name: string }, { readonly n: number }, number>>
    >();
    expectTypeOf<GuardedHandle<unknown, unknown, unknown>>().not.toHaveProperty("call");
  });

  it("know a service by its key, and that it may be absent", () => {
    expectTypeOf<Awaited<ReturnType<Author["clock"]>>["now"]>().returns.toBeNumber();
    expectTypeOf<Awaited<ReturnType<Author["perhaps"]>>>().toEqualTypeOf<{ now(): number } | undefined>();
  });

  it("make of a typed definition a tool like any other", () => {
    const tool = defineTool<{ readonly n: number }>({
      name: "double",
      description: "doubles",
      inputSchema: { type: "object" },
      run: ({ n }) => String(n * 2),
    });
    expectTypeOf(tool).toEqualTypeOf<Tool>();
  });
});
