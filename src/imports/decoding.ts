/** The charsets that a text may declare: UTF-8 or a form of GB 18030. Published pages often declare the wrong one. */
const declarable = /^(?:utf-?8|us-ascii|gbk|gb2312|gb18030)$/i;

const decode = (bytes: Uint8Array, charset: string): string | undefined => {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Whether a Content-Type names no charset or one of those that are read. */
export function isReadableCharset(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)"?/i.exec(contentType)?.[1];
  return charset === undefined || declarable.test(charset);
}

/**
 * The text of some bytes; undefined where they are no text in either charset. UTF-8 is tried first, whatever
 * was declared: Chinese text in GBK is never valid UTF-8 by accident, while UTF-8 read as GBK can be valid
 * nonsense.
 */
export const decodeText = (bytes: Uint8Array): string | undefined =>
  decode(bytes, 'utf-8') ?? decode(bytes, 'gb18030');
