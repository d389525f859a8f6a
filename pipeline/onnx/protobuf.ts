/** Builds one protocol-buffers message field by field (wire format: protobuf.dev, "Encoding"). Numbers must be integers below 2^53. */
export class ProtoMessage {
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  /** An integer field (int32, int64, enum); zero and up. */
  integer(field: number, value: number): this {
    return this.append(varint(field * 8)).append(varint(value));
  }

  /** A field of text, bytes or another message. */
  bytes(field: number, value: Uint8Array | string | ProtoMessage): this {
    const octets =
      typeof value === 'string'
        ? new TextEncoder().encode(value)
        : value instanceof ProtoMessage
          ? value.finish()
          : value;
    return this.append(varint(field * 8 + 2))
      .append(varint(octets.byteLength))
      .append(octets);
  }

  /** A 32-bit float field. */
  float(field: number, value: number): this {
    return this.append(varint(field * 8 + 5)).append(new Uint8Array(Float32Array.of(value).buffer));
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.byteLength;
    }
    return out;
  }

  private append(part: Uint8Array): this {
    this.parts.push(part);
    this.size += part.byteLength;
    return this;
  }
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}
