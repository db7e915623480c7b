"""Who is who, who stands for whom, who may see what. Floor 1; knows no duty."""
