"""What is only of Active Directory."""
