declare const MONACO_MODULE: string;
declare const MONACO_MODULES: string;
declare const MONACO_STYLES: string;

// Addresses, put in by next.config.mjs from what build-monaco.mjs made.

export const monacoModule = MONACO_MODULE;

/** The module, and those it cannot run without. */
export const monacoModules: readonly string[] = MONACO_MODULES.split(" ");

export const monacoStyles = MONACO_STYLES;
