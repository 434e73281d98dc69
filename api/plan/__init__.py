"""What `stowline plan` reads and writes: checked files in, plans out."""
