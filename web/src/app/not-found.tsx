import Link from "next/link";
import { BrandMark } from "../components/brand.tsx";
import { Button } from "../components/ui/button.tsx";

export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-4 px-4 text-center">
      <BrandMark className="size-10" />
      <h1 className="font-semibold text-lg">Nothing is here</h1>
      <p className="max-w-sm text-muted-foreground">
        No page has this address. A session may have been deleted, or it belongs to someone who has not shared
        it with you.
      </p>
      <Button asChild variant="primary">
        <Link href="/">Back to your sessions</Link>
      </Button>
    </main>
  );
}
