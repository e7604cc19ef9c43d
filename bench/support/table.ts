/** Figures of several rounds, as text. */

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** `median (least–most)`. */
export function spread(values: readonly number[], decimals = 0): string {
  const text = (value: number) => value.toFixed(decimals);
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}

/** A Markdown table whose columns line up. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => ''), ...rows];
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]!.length)));
  return lines
    .map((line, index) => {
      const cells = line.map((cell, column) =>
        index === 1 ? '-'.repeat(widths[column]!) : cell.padEnd(widths[column]!),
      );
      return `| ${cells.join(' | ')} |`;
    })
    .join('\n');
}
