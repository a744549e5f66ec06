import Link from "next/link";
import { BrandMark } from "./brand.tsx";
import { UserMenu } from "./user-menu.tsx";

/** The bar above every page but the workbench. */
export function AppHeader() {
  return (
    <header className="sticky top-0 z-10 border-b bg-chrome">
      <div className="mx-auto flex h-11 max-w-6xl items-center gap-3 px-4">
        <Link href="/" className="flex items-center gap-2 rounded-sm font-semibold">
          <BrandMark className="size-5.5" />
          Remote Claude
        </Link>
        <div className="ml-auto">
          <UserMenu />
        </div>
      </div>
    </header>
  );
}
