import type { ComponentProps } from "react";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "./ui/select.tsx";

interface ChoiceProps<Value extends string>
  extends Omit<ComponentProps<typeof SelectTrigger>, "value" | "onChange" | "children"> {
  /** Its name where no `<label>` gives it one by its id. */
  label?: string;
  value: Value;
  options: readonly (readonly [value: Value, label: string])[];
  onChange(value: Value): void;
}

/** One of a few. Radix takes no empty value: `all` stands for no filter. */
export function Choice<Value extends string>({
  label,
  value,
  options,
  onChange,
  ...trigger
}: ChoiceProps<Value>) {
  return (
    <Select value={value} onValueChange={(next) => onChange(next as Value)}>
      <SelectTrigger aria-label={label} {...trigger}>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {options.map(([id, name]) => (
          <SelectItem key={id} value={id}>
            {name}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}

/** The options of a table of names, in its order. */
export function optionsOf<Value extends string>(names: Readonly<Record<Value, string>>) {
  return Object.entries(names) as [Value, string][];
}
