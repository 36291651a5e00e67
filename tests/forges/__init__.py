"""The forges' adapters: GitHub, Gitea and Forgejo."""
