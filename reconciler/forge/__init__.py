"""Where pull requests are: GitHub, Gitea and Forgejo, asked over REST."""
