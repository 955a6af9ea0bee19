import { describe, expect, it } from "vitest";
import { imageKey, imageOfKey, pinnedImage, readImage } from "../../../schemas/launchers/image-reference.ts";
import { hookCall, type LauncherUse, readLine, readList } from "../../../schemas/launchers/launcher-uses.ts";
import { launcherStates } from "../../../schemas/launchers/launcher-state.ts";
import { startLocked } from "../../../schemas/launchers/start-locked.ts";
import type { HookContribution, McpContribution } from "../../../schemas/plugin-manifest.ts";

const where = { file: "hooks.json" };
const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}` as const;

/** The image in full, with what the command pins, `! reason`, or `none`. */
function told(call: LauncherUse["call"] | undefined): string {
  if (call === undefined) return "none";
  if (call.kind === "refused") return `! ${call.reason}`;
  return call.kind === "image" ? `${imageKey(call.image).slice(4)}${call.image.digest ?? ""}` : "package";
}

const X = "docker.io/mcp/x:latest";
const NOT = (option: string): string => `! its option \`${option}\` is not followed`;
const NOT_NAMED = "! its image is no name that a registry can have";

const LISTS: readonly (readonly [words: string, expected: string])[] = [
  ["docker run mcp/x", X],
  ["docker run -i --rm mcp/x --flag", X],
  ["docker run -it --rm -e A -e B=c --env D mcp/x:1 -e mcp/y", "docker.io/mcp/x:1"],
  ["docker run --rm -ie KEY mcp/x", X],
  ["docker run -eKEY -e=K=v -p8080:80 -tiv a:b mcp/x", X],
  ["docker run -i=true --rm=false --init mcp/x", X],
  ["docker run -v /a:/b -w /b --user 1:1 --network=host --name n mcp/x", X],
  ["docker run -v ${PWD}:/b --env=A=${A} -e B=${B} mcp/x ${ARG}", X],
  ["docker run --pull always --platform linux/amd64 --entrypoint sh mcp/x -c y", X],
  ["docker run -e -- mcp/x", X],
  ["docker run --rm -- mcp/x", X],
  ["docker run --mount type=bind,src=${HOME},dst=/h --gpus all mcp/x", X],
  ["docker container run mcp/x", X],
  ["docker.exe run mcp/x", X],
  ["cmd /c docker run mcp/x", X],
  ["env DOCKER_HOST=x docker run mcp/x", X],
  ["podman run -i docker.io/mcp/x", X],
  ["podman run --rm quay.io/a/b:2", "quay.io/a/b:2"],
  [`docker run mcp/x@${DIGEST}`, `${X}${DIGEST}`],
  ["podman run mcp/x", "! podman looks up a name without a host in registries of its own settings"],
  ["podman run --rootfs /x", NOT("--rootfs")],
  ["podman run --isolation x quay.io/a/b", NOT("--isolation")],
  ["docker run --unheard mcp/x", NOT("--unheard")],
  ["docker run -ix mcp/x", NOT("-x")],
  ["docker run --rm=${R} mcp/x", "! what its option `--rm` is set to is not understood"],
  ["docker run -i=maybe mcp/x", "! what its option `-i` is set to is not understood"],
  ["docker run -e${A} mcp/x", "! the value of its option `-e` is filled in later"],
  ["docker run --${OPT} mcp/x", NOT("--${OPT}")],
  ["docker run -${OPT} mcp/x", NOT("-$")],
  ["docker run ${OPTS} mcp/x", "! which image it starts is filled in later"],
  ["docker run mcp/x:${TAG}", "! which image it starts is filled in later"],
  ["docker run -i --rm", "! no image is named"],
  ["docker run -i -e", "! its option `-e` has no value"],
  ["docker run --", "! no image is named"],
  ["docker run -", NOT_NAMED],
  ["docker run --mount type=image,src=a/b,dst=/x mcp/x", "! it mounts a second image, which is not followed"],
  ["docker run --mount=dst=/x,Type=IMAGE,src=a mcp/x", "! it mounts a second image, which is not followed"],
  ["docker run --mount ${M} mcp/x", "! what it mounts is filled in later"],
  ["docker --context other run mcp/x", "! its option `--context` before `run` is not followed"],
  ["docker compose run x", "! what `docker compose` starts is not named in the command"],
  ["docker mcp gateway run", "! what `docker mcp` starts is not named in the command"],
  ["docker-compose up", "! what `docker-compose` starts is named in a file of its own"],
  ["docker ${VERB} mcp/x", "! what `docker` does is filled in later"],
  ["/usr/local/bin/docker run mcp/x", X],
  ["sudo -n docker run mcp/x", "! it is started through `sudo`"],
  ["sudo true docker-like", "none"],
  ["${ROOT}/bin/docker run mcp/x", "none"],
  ["docker compose exec db psql", "none"],
  ["docker constructor", "none"],
  ["docker-compose ps", "none"],
  ["sudo docker ps", "none"],
  ["docker exec -i box server", "none"],
  ["docker build -t x .", "none"],
  ["docker", "none"],
  ["sh -c docker_run", "none"],
];

const LINES: readonly (readonly [line: string, expected: string])[] = [
  ['docker run --rm -v "$PWD":/w mcp/x "$1" >/dev/null', X],
  ["docker run --rm -v $PWD:/w mcp/x", "! a shell may make several words of one before its image"],
  ['docker run --rm -e "$@" mcp/x', "! a shell may make several words of one before its image"],
  ["docker run --rm -e '$@' -e '{a,b}' mcp/x", X],
  ["docker run mcp/x; true", "! it stands in a shell line of more than one command"],
  ["docker pull mcp/x && docker run mcp/x", "! it stands in a shell line of more than one command"],
  ["docker ps | grep run", "none"],
  ["command -v docker || exit 0", "none"],
  ["cd x && uvx tool", "! it stands in a shell line of more than one command"],
];

const IMAGES: readonly (readonly [written: string, expected: string])[] = [
  ["redis", "docker.io/library/redis:latest"],
  ["redis:7-alpine", "docker.io/library/redis:7-alpine"],
  ["mcp/x", X],
  ["docker.io/redis", "docker.io/library/redis:latest"],
  ["index.docker.io/mcp/x:2", "docker.io/mcp/x:2"],
  ["ghcr.io/a/b/c", "ghcr.io/a/b/c:latest"],
  ["localhost/x", "localhost/x:latest"],
  ["localhost:5000/x:1", "localhost:5000/x:1"],
  ["reg:5000/x", "reg:5000/x:latest"],
  ["[::1]:5000/x", "[::1]:5000/x:latest"],
  ["Reg/x", "Reg/x:latest"],
  ["a--b/c__d.e", "docker.io/a--b/c__d.e:latest"],
  [`a/b:1@${DIGEST}`, "docker.io/a/b:1"],
  [`a/b@sha512:${HEX}`, "what follows the `@` of its image is no sha256 digest"],
  ["a/b@sha256:12", "what follows the `@` of its image is no sha256 digest"],
  [HEX, "it names an image by an id that only one machine knows"],
  [DIGEST, "it names an image by an id that only one machine knows"],
  ...[
    "Redis",
    "a//b",
    "a/B",
    "a:b:c",
    "a:",
    ":1",
    "",
    "-a",
    "https://a.b/c",
    "a.b/",
    "../x",
    `a/${"b".repeat(256)}`,
  ].map((text) => [text, NOT_NAMED.slice(2)] as const),
];

const LOCKED = { launchers: { "oci:docker.io/mcp/x:1": { image: DIGEST } }, fileOf: () => undefined };

function server(words: string): McpContribution {
  const [command = "", ...args] = words.split(" ");
  return { kind: "mcp", name: "s", config: { transport: "stdio", command, args, env: {} }, where };
}

function hook(command: string): HookContribution {
  return { kind: "hook", event: "Stop", handler: { type: "command", command }, where };
}

describe("a command that starts a container", () => {
  it.each(LISTS)("is read from a list of words: %s", (words, expected) => {
    const [command = "", ...args] = words.split(" ");
    expect(told(readList(command, args))).toBe(expected);
  });

  it.each(LINES)("is read from a line for a shell: %s", (line, expected) => {
    expect(told(readLine(line))).toBe(expected);
    expect(told(hookCall(hook(line)))).toBe(expected);
  });

  it.each(IMAGES)("names its image as docker reads it: %s", (written, expected) => {
    const image = readImage(written);
    expect(typeof image === "string" ? image : imageKey(image).slice(4)).toBe(expected);
    if (typeof image !== "string") expect(imageKey(imageOfKey(imageKey(image)) ?? image)).toBe(imageKey(image));
  });

  it("keeps the name as it was written", () => {
    const image = readImage("index.docker.io/mcp/x:2");
    expect(typeof image === "string" ? image : pinnedImage(image, DIGEST)).toBe(`index.docker.io/mcp/x@${DIGEST}`);
    expect(["oci:redis", `oci:docker.io/a/b:1@${DIGEST}`, "oci:", "redis"].map((key) => imageOfKey(key))).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });

  it("gets the digest in place of the tag, and keeps every other word", () => {
    const words = (image: string): string => `docker run -i --rm -e KEY --pull always ${image} --tag mcp/x:1`;
    const line = (image: string): string => `A=1 docker run -v "$PWD:/w" ${image} "$1" 2>/dev/null`;
    const started = startLocked([server(words("mcp/x:1")), hook(line("'mcp/x:1'"))], LOCKED);
    expect(started).toEqual({
      contributions: [server(words(`mcp/x@${DIGEST}`)), hook(line(`'mcp/x@${DIGEST}'`))],
      unstarted: [],
    });
    const own = [server(words(`mcp/x:1@sha256:${"f".repeat(64)}`)), server("docker run other")];
    expect(startLocked(own, LOCKED).contributions).toEqual(own);
  });

  it("says what it is locked to", () => {
    const contributions = [server("docker run mcp/x:1"), server(`docker run mcp/y@${DIGEST}`), server("docker run z")];
    const component = "MCP server `s`";
    expect(launcherStates({ contributions }, LOCKED)).toEqual([
      { component, image: `docker.io/mcp/x:1@${DIGEST}` },
      { component, image: `docker.io/mcp/y:latest@${DIGEST}` },
      { component, unlocked: "`oci:docker.io/library/z:latest` was not locked", hint: "`plugin sync` locks it" },
    ]);
  });
});
