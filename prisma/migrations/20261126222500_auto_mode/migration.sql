ALTER TYPE "permission_mode" ADD VALUE 'auto' BEFORE 'bypassPermissions';
