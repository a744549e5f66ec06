// The page's policy forbids the evaluation that zod would try, and the error, though caught, costs a parse of the script.
(globalThis as { __zod_globalConfig?: object }).__zod_globalConfig = { jitless: true };
