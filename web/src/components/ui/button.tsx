import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils.ts";

export const buttonVariants = cva(
  "relative inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors disabled:pointer-events-none disabled:opacity-50 [&_svg]:shrink-0 [&_svg:not([class*='size-'])]:size-4",
  {
    variants: {
      variant: {
        primary: "bg-primary text-primary-foreground hover:bg-primary-hover",
        secondary: "border bg-surface text-foreground hover:bg-hover",
        ghost: "text-foreground hover:bg-hover",
        quiet: "text-muted-foreground hover:bg-hover hover:text-foreground",
        destructive: "bg-destructive text-white hover:opacity-90 dark:text-primary-foreground",
        link: "text-clay underline-offset-4 hover:underline",
      },
      size: {
        sm: "h-7 pointer-coarse:h-9 px-2.5 text-xs",
        md: "h-8 pointer-coarse:h-10 px-3 text-[13px]",
        lg: "h-10 pointer-coarse:h-11 px-4 text-sm",
        icon: "size-8 pointer-coarse:size-10",
        // Where they stand in rows there is no room for larger ones: a finger may miss them by a little.
        "icon-sm":
          "size-6 pointer-coarse:before:absolute pointer-coarse:before:-inset-x-0.5 pointer-coarse:before:-inset-y-2 [&_svg:not([class*='size-'])]:size-3.5",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof buttonVariants> & { asChild?: boolean };

/** A button; give an icon button an `aria-label`. With `asChild` its child (a link, say) takes its looks. */
export function Button({ className, variant, size, asChild = false, ...props }: ButtonProps) {
  const Component = asChild ? Slot.Root : "button";
  return (
    <Component
      {...(asChild ? {} : { type: props.type ?? "button" })}
      className={cn(buttonVariants({ variant, size }), className)}
      {...props}
    />
  );
}
