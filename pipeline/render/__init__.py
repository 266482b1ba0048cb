"""Forms go out: the holes of a template are filled. One module a format."""
