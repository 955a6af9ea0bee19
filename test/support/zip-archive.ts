import { crc32, deflateRawSync } from "node:zlib";

/** One member of a zip; what is not said is as it should be, and what is said may be a lie. */
export interface ZipMember {
  readonly name: string | Buffer;
  readonly text?: string | Buffer;
  /** The upper half of the external attributes, with the type of file. */
  readonly mode?: number;
  /** The lower half: what DOS knows. */
  readonly dos?: number;
  readonly stored?: boolean;
  readonly flags?: number;
  /** The name in the header before the content. */
  readonly localName?: string;
  readonly crc?: number;
  /** The size that both headers declare. */
  readonly declared?: number;
  /** The member's offset in the directory is that of this other member. */
  readonly sharesWith?: number;
}

/** Makes a zip of these members byte by byte, so that every field can be wrong. */
export function zipArchive(
  members: readonly ZipMember[],
  { before = "", after = "" }: { readonly before?: string; readonly after?: string } = {},
): Buffer {
  const parts: Buffer[] = [Buffer.from(before)];
  const offsets: number[] = [];
  const directory: Buffer[] = [];
  let at = before.length;
  for (const member of members) {
    const { text = "", mode = 0o100644, dos = 0, stored = false, flags = 0x800 } = member;
    const name = Buffer.from(member.name);
    const content = Buffer.from(text);
    const data = stored ? content : deflateRawSync(content);
    const sizes = [member.crc ?? crc32(content), data.length, member.declared ?? content.length] as const;
    const localName = Buffer.from(member.localName ?? name);
    const method = stored ? 0 : 8;
    offsets.push(at);
    const local = Buffer.concat([
      header(0x04034b50, [20, flags, method, 0, 33], sizes, localName.length),
      localName,
      data,
    ]);
    parts.push(local);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((mode << 16) | dos) >>> 0, 6);
    tail.writeUInt32LE(offsets[member.sharesWith ?? offsets.length - 1] ?? 0, 10);
    directory.push(header(0x02014b50, [(3 << 8) | 20, 20, flags, method, 0, 33], sizes, name.length), tail, name);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end, Buffer.from(after)]);
}

/** The start that both kinds of headers have, up to the length of the extra field. */
function header(
  signature: number,
  shorts: readonly number[],
  [crc, compressed, expanded]: readonly [number, number, number],
  nameLength: number,
): Buffer {
  const block = Buffer.alloc(4 + shorts.length * 2 + 16);
  block.writeUInt32LE(signature, 0);
  for (const [index, short] of shorts.entries()) block.writeUInt16LE(short, 4 + index * 2);
  const at = 4 + shorts.length * 2;
  for (const [index, long] of [crc, compressed, expanded].entries()) block.writeUInt32LE(long, at + index * 4);
  block.writeUInt16LE(nameLength, at + 12);
  return block;
}
