import { type ReactNode, useId } from "react";
import { Choice, optionsOf } from "../../components/choice.tsx";
import { Input, Textarea } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import {
  Select,
  SelectContent,
  SelectItem,
  SelectTrigger,
  SelectValue,
} from "../../components/ui/select.tsx";
import { type DurationDraft, type DurationUnit, minutesOf } from "./settings-draft.ts";

interface FieldProps {
  label: string;
  /** What it means, and what it means to leave it empty. */
  help: string;
  problem: string | undefined;
}

interface ControlProps {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

/** A setting: its name, the control, what it means, and what is wrong with what was written. */
function Field({
  label,
  help,
  problem,
  children,
}: FieldProps & { children(control: ControlProps): ReactNode }) {
  const id = useId();
  const helpId = `${id}-help`;
  return (
    <div className="grid gap-x-6 gap-y-1.5 py-4 first:pt-0 last:pb-0 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <div className="flex flex-col gap-0.5">
        <Label htmlFor={id}>{label}</Label>
        <p id={helpId} className="text-muted-foreground text-xs leading-relaxed">
          {help}
        </p>
      </div>
      <div className="flex flex-col gap-1">
        {children({ id, "aria-describedby": helpId, "aria-invalid": problem !== undefined })}
        {problem !== undefined && (
          <p role="alert" className="text-destructive text-xs first-letter:uppercase">
            {problem}.
          </p>
        )}
      </div>
    </div>
  );
}

interface TextProps extends FieldProps {
  value: string;
  onChange(value: string): void;
  placeholder?: string;
}

/** A number, with the word for what it counts. */
export function NumberField({
  value,
  onChange,
  placeholder,
  before,
  after,
  ...field
}: TextProps & { before?: string; after?: string }) {
  return (
    <Field {...field}>
      {(control) => (
        <div className="flex items-center gap-2">
          {before !== undefined && <span className="text-muted-foreground">{before}</span>}
          <Input
            {...control}
            inputMode="decimal"
            autoComplete="off"
            className="w-28 tabular-nums"
            value={value}
            placeholder={placeholder}
            onChange={(event) => onChange(event.target.value)}
          />
          {after !== undefined && <span className="text-muted-foreground">{after}</span>}
        </div>
      )}
    </Field>
  );
}

/** A length of time: a number and its unit. */
export function DurationField({
  value,
  onChange,
  ...field
}: FieldProps & { value: DurationDraft; onChange(value: DurationDraft): void }) {
  return (
    <Field {...field}>
      {(control) => (
        <div className="flex items-center gap-2">
          <Input
            {...control}
            inputMode="decimal"
            autoComplete="off"
            className="w-28 tabular-nums"
            value={value.amount}
            placeholder="No limit"
            onChange={(event) => onChange({ ...value, amount: event.target.value })}
          />
          <Select
            value={value.unit}
            onValueChange={(unit) => onChange({ ...value, unit: unit as DurationUnit })}
          >
            <SelectTrigger aria-label={`${field.label}: unit`} className="w-28">
              <SelectValue />
            </SelectTrigger>
            <SelectContent>
              {Object.keys(minutesOf).map((unit) => (
                <SelectItem key={unit} value={unit}>
                  {unit}
                </SelectItem>
              ))}
            </SelectContent>
          </Select>
        </div>
      )}
    </Field>
  );
}

/** Something that holds or does not. */
export function YesNoField({
  value,
  onChange,
  ...field
}: FieldProps & { value: boolean; onChange(value: boolean): void }) {
  return (
    <Field {...field}>
      {(control) => (
        <Choice
          {...control}
          className="w-28"
          value={value ? "yes" : "no"}
          options={[
            ["no", "No"],
            ["yes", "Yes"],
          ]}
          onChange={(next) => onChange(next === "yes")}
        />
      )}
    </Field>
  );
}

/** One of a few. */
export function ChoiceField<Value extends string>({
  value,
  choices,
  onChange,
  ...field
}: FieldProps & {
  value: Value;
  choices: Readonly<Record<Value, string>>;
  onChange(value: Value): void;
}) {
  return (
    <Field {...field}>
      {(control) => (
        <Choice
          {...control}
          className="w-full"
          value={value}
          options={optionsOf(choices)}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

export function LinesField({ value, onChange, placeholder, ...field }: TextProps) {
  return (
    <Field {...field}>
      {(control) => (
        <Textarea
          {...control}
          rows={4}
          spellCheck={false}
          className="font-mono text-xs leading-relaxed"
          value={value}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
