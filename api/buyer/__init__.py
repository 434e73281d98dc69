"""What a buyer sees: pages of plain HTML behind signed links."""
