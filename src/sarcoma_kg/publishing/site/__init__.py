"""What stands on the pages of the site, as plain data; the templates beside it say how it looks."""
