import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { Header } from "tar";

/** One member of a tarball; a text is a plain file. */
export type TarMember =
  | string
  | {
      readonly text?: string;
      readonly mode?: number;
      readonly type?: "File" | "Directory" | "SymbolicLink" | "Link" | "FIFO" | "CharacterDevice";
      readonly linkpath?: string;
    };

/** Makes the tarball of an npm package from its members, whose paths are taken as they are. */
export function tarball(members: readonly (readonly [path: string, member: TarMember])[]): Buffer {
  const blocks: Buffer[] = [];
  for (const [path, member] of members) {
    const {
      text = "",
      mode = 0o644,
      type = "File",
      linkpath = "",
    } = typeof member === "string" ? { text: member } : member;
    const body = Buffer.from(text);
    const block = Buffer.alloc(512);
    new Header({ path, mode, type, linkpath, size: body.length, mtime: new Date(0) }).encode(block, 0);
    blocks.push(block, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1_024)]));
}

/** The tarball of a package with these files and a `package.json`. */
export function packageTarball(
  manifest: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, TarMember>> = {},
): Buffer {
  return tarball(
    Object.entries({ "package.json": JSON.stringify(manifest), ...files }).map(([path, file]) => [
      `package/${path}`,
      file,
    ]),
  );
}

/** Subresource integrity of bytes. */
export function integrityOf(bytes: Uint8Array, algorithm = "sha512"): string {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
}
