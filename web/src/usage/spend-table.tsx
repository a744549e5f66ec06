import type { ModelSpend } from "@remote-claude/protocol";
import type { ReactNode } from "react";
import { formatUsd } from "../lib/format.ts";

const count = (value: number) => value.toLocaleString("en");

interface Row extends Omit<ModelSpend, "model"> {
  key: string;
  name: ReactNode;
}

/** Sums by model, or by person. */
export function SpendTable({ head, rows }: { head: string; rows: readonly Row[] }) {
  if (rows.length === 0) return null;
  const number = "py-1.5 pl-4 text-right whitespace-nowrap tabular-nums";
  return (
    <div className="overflow-x-auto">
      <table className="w-full">
        <thead className="text-left text-muted-foreground text-xs">
          <tr>
            <th className="py-1.5 font-medium">{head}</th>
            <th className={`${number} font-medium`}>Requests</th>
            <th className={`${number} hidden font-medium sm:table-cell`}>Tokens in</th>
            <th className={`${number} hidden font-medium sm:table-cell`}>Tokens out</th>
            <th className={`${number} font-medium`}>Cost</th>
          </tr>
        </thead>
        <tbody className="divide-y border-t">
          {rows.map(({ key, name, requests, inputTokens, outputTokens, costUsd }) => (
            <tr key={key}>
              <td className="w-full max-w-0 py-1.5">{name}</td>
              <td className={number}>{count(requests)}</td>
              <td className={`${number} hidden sm:table-cell`}>{count(inputTokens)}</td>
              <td className={`${number} hidden sm:table-cell`}>{count(outputTokens)}</td>
              <td className={`${number} font-medium`}>{formatUsd(costUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A model's name in a cell of the table. */
export function ModelName({ model }: { model: string }) {
  return <span className="block truncate font-mono text-xs">{model}</span>;
}
