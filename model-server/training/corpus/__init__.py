"""The text that tiny-stories learns from, written by these programs; no other text goes in."""
